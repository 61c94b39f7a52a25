import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCE = fileURLToPath(new URL('./match-re2.cc', import.meta.url));

/** Compiles `match-re2.cc` on the libre2 of the machine. */
export async function buildMatchRe2(directory: string): Promise<{ program: string } | { missing: string }> {
  const program = join(directory, 'match-re2');
  const compile = async (...args: string[]): Promise<string | undefined> => {
    try {
      await promisify(execFile)('c++', ['-std=c++17', '-O2', ...args]);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  if ((await compile('--version')) !== undefined) return { missing: 'there is no C++ compiler (c++)' };
  const failure = await compile('-o', program, SOURCE, '-lre2', '-pthread');
  if (failure === undefined) return { program };
  if (failure.includes('re2/re2.h')) return { missing: 'there is no libre2 (Debian: apt-get install libre2-dev)' };
  throw new Error(failure);
}
