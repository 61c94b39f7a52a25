import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlainProblem } from '../../problems/catalogue.js';

/**
 * A new empty file without a name: the system takes it back when it is closed, or when this process ends.
 *
 * @param folder the system's for temporary files, which TMPDIR names, where it is left out
 * @throws PlainProblem 503 that names the setting, where the folder for temporary files takes none
 */
export async function openTemporaryFile(folder = tmpdir()): Promise<FileHandle> {
  const path = join(folder, `execution-hooks-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600).catch(noTemporaryFiles);
  try {
    await unlink(path);
  } catch (error) {
    await file.close();
    throw error;
  }
  return file;
}

/** What a client is told of an error of a temporary file: the cause, with the path, is the log's. */
export function noTemporaryFiles(cause: unknown): never {
  throw new PlainProblem(
    503,
    'The service cannot write temporary files: TMPDIR has to name a folder that it may write to and that has space left.',
    { 'retry-after': '5' },
    { cause },
  );
}
