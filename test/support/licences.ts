import { readFileSync } from 'node:fs';

/** The licences that what the service is shipped with may have: each lets it be used, changed and passed on with notice. */
export const ACCEPTED: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'PostgreSQL',
  'Python-2.0',
];

/** Packages that name no licence in today's form: what their LICENSE file says. */
const READ: Readonly<Record<string, string>> = {
  busboy: 'MIT',
  streamsearch: 'MIT',
};

/** What is read of `package-lock.json`. */
export interface Lockfile {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly license?: string; readonly version?: string }>
  >;
}

/** A package that production needs, and its licence. */
export interface LicensedPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression; undefined where none is known. */
  readonly licence: string | undefined;
}

/** The lockfile of the project. */
export function projectLockfile(): Lockfile {
  return JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as Lockfile;
}

/** Every package of the production tree, of every platform. */
export function productionPackages({ packages }: Lockfile): LicensedPackage[] {
  return Object.entries(packages).flatMap(([path, { dev, license, version = '' }]) => {
    if (path === '' || dev === true) return [];
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return [{ name, version, licence: license ?? READ[name] }];
  });
}

/** The packages whose licence is not accepted, one a line. */
export function refusedLicences(lockfile: Lockfile): string[] {
  return productionPackages(lockfile)
    .filter(({ licence }) => !isAccepted(licence))
    .map(({ name, version, licence = 'no licence' }) => `${name}@${version}: ${licence}`);
}

/** Of alternatives one must be accepted, of licences that hold together each. */
function isAccepted(licence: string | undefined): boolean {
  if (licence === undefined) return false;
  return licence
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((alternative) => alternative.split(' AND ').every((each) => ACCEPTED.includes(each)));
}
