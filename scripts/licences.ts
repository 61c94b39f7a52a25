import { productionPackages, projectLockfile, refusedLicences } from '../test/support/licences.js';

/**
 * `npm run licenses:check` says which licences the packages of the production tree have. Exit code 1: one of them is not
 * accepted (test/support/licences.ts).
 */
const lockfile = projectLockfile();
const counts = new Map<string, number>();
for (const { licence = 'none' } of productionPackages(lockfile)) counts.set(licence, (counts.get(licence) ?? 0) + 1);
for (const [licence, count] of [...counts].sort()) process.stdout.write(`${String(count).padStart(4)} ${licence}\n`);

const refused = refusedLicences(lockfile);
for (const line of refused) process.stdout.write(`Not accepted: ${line}\n`);
if (refused.length > 0) process.exitCode = 1;
