import { lockDirectory } from '../../src/embedded-postgres/directory-lock.js';

/** Takes a directory's lock and keeps it until it is killed: `hold-directory.ts <directory>`. Prints `{held}`. */
let held = true;
try {
  await lockDirectory(process.argv[2] ?? '', () => undefined);
} catch {
  held = false;
}
process.stdout.write(`${JSON.stringify({ held })}\n`);
setInterval(() => undefined, 1_000);
