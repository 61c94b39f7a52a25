import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { satisfies } from 'semver';

interface Manifest {
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Lockfile {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string;
        readonly resolved?: string;
        readonly engines?: { readonly node?: string };
        readonly hasInstallScript?: boolean;
        readonly optionalDependencies?: Readonly<Record<string, string>>;
      }
    >
  >;
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
}

const manifest = readJson('package.json') as Manifest;
const lockfile = readJson('package-lock.json') as Lockfile;
const declared = { ...manifest.dependencies, ...manifest.devDependencies };
const installed = Object.entries(lockfile.packages).filter(([path]) => path !== '');

/** `node_modules/a/node_modules/@scope/b` → `@scope/b` */
function packageName(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** Where Node would find a package from the folder of another: the nearest `node_modules` that has it. */
function isLocked(name: string, from: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (lockfile.packages[`${folder}${folder === '' ? '' : '/'}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
  }
}

describe('package.json', () => {
  it('names exact versions, so that an install today and next year is the same', () => {
    const inexact = Object.entries(declared).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(inexact).toEqual([]);
  });

  it('names each package once', () => {
    expect(Object.keys(manifest.dependencies).filter((name) => name in manifest.devDependencies)).toEqual([]);
  });

  it('decides for every package with an install script whether it may run', () => {
    const scripted = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const names = new Set(scripted.map(([path]) => packageName(path)));
    expect(new Set(Object.keys(manifest.allowScripts))).toEqual(names);
  });
});

describe('package-lock.json', () => {
  it('holds the versions that package.json names', () => {
    const locked = Object.keys(declared).map((name) => [name, lockfile.packages[`node_modules/${name}`]?.version]);
    expect(Object.fromEntries(locked)).toEqual(declared);
  });

  it("holds every platform's packages, without which npm ci refuses it", () => {
    const missing = installed.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !isLocked(name, path)),
    );
    expect(missing).toEqual([]);
  });

  // RE2 compiles on Node 20 and passes every test there; it only says that it does not. README.md tells a newcomer.
  it('holds nothing that warns on a Node that package.json promises, RE2 on Node 20 apart', () => {
    const least = manifest.engines.node.match(/\d+\.\d+\.\d+/g) ?? [];
    expect(least.map((version) => version.split('.')[0])).toEqual(['20', '22', '24', '26']);
    const warnings = least.flatMap((version) =>
      installed
        .filter(([, { engines }]) => engines?.node !== undefined && !satisfies(version, engines.node))
        .map(([path]) => `${packageName(path)} on Node ${version}`),
    );
    expect(warnings).toEqual(['re2 on Node 20.19.0']);
  });

  it('names no registry: whichever one is configured serves the packages', () => {
    expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  });
});
