import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clientTypes } from '../test/support/client-types.js';
import { documentText, openApiDocument } from '../test/support/openapi-document.js';

/**
 * `npm run openapi:write` writes what is generated from the code: `openapi.json`, and from that the types of the client
 * that the tests use. `npm run openapi:check` says whether the committed files are still that, and lints the document.
 * Exit code 1: they are not, a linter found something, or it failed.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

const command = process.argv[2];
switch (command) {
  case 'write':
    await write();
    break;
  case 'check':
    if ([await isCurrent(), await lints()].includes(false)) process.exitCode = 1;
    break;
  default:
    notice(`Unknown command "${command ?? ''}": write or check.`);
    process.exitCode = 1;
}

/** The texts of the generated files, by path. */
async function generated(): Promise<Readonly<Record<string, string>>> {
  const document = await openApiDocument();
  return { 'openapi.json': documentText(document), 'openapi.d.ts': await clientTypes(document) };
}

async function write(): Promise<void> {
  for (const [name, text] of Object.entries(await generated())) {
    await mkdir(dirname(join(ROOT, name)), { recursive: true });
    await writeFile(join(ROOT, name), text);
    notice(`Wrote ${name}.`);
  }
}

async function isCurrent(): Promise<boolean> {
  let current = true;
  for (const [name, text] of Object.entries(await generated())) {
    const committed = await readFile(join(ROOT, name), 'utf8').catch(() => '');
    if (committed === text) {
      notice(`${name} is what the code says.`);
      continue;
    }
    current = false;
    notice(`${name} is not what the code says. Run "npm run openapi:write", look at what changed, and commit it.`);
    notice(firstDifference(committed, text));
  }
  return current;
}

function firstDifference(committed: string, text: string): string {
  const before = committed.split('\n');
  const after = text.split('\n');
  const at = after.findIndex((line, index) => line !== before[index]);
  const line = at === -1 ? after.length : at;
  return `  line ${line + 1}, committed: ${before[line] ?? '(end)'}\n  line ${line + 1}, generated: ${after[line] ?? '(end)'}`;
}

async function lints(): Promise<boolean> {
  const redocly = await run('@redocly/cli/bin/cli.js', ['lint', 'openapi.json']);
  const spectral = await run('@stoplight/spectral-cli/dist/index.js', ['lint', 'openapi.json', '--fail-severity=hint']);
  return redocly && spectral;
}

/** Runs a program of an installed package; whether it ended well. */
async function run(program: string, parts: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', program), ...parts], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}

function notice(message: string): void {
  process.stdout.write(`${message}\n`);
}
