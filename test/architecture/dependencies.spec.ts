import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG = join(ROOT, '.dependency-cruiser.js');

/** The rule of folders rather than files. */
const FOLDER_RULE = 'no-cycles-of-folders';

/** What this spec reads of dependency-cruiser's JSON report. */
interface Report {
  readonly summary: {
    readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string }[];
  };
}

/** Every broken rule below a folder, as `rule: file`. */
async function violations(folder: string, ...parts: readonly string[]): Promise<string[]> {
  const cruiser = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [cruiser, '--config', CONFIG, '--output-type', 'json', ...parts],
    { cwd: folder, maxBuffer: 2 ** 28 },
  );
  const report = JSON.parse(stdout) as Report;
  return report.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`).sort();
}

/** A little project: each of its files imports what is listed, and the rules that say so must refuse it. */
const OFFENDERS: Readonly<Record<string, { readonly imports: readonly string[]; readonly breaks: readonly string[] }>> =
  {
    'src/main.ts': { imports: ['./app/app.js'], breaks: [] },
    'src/cli.ts': { imports: ['./cli/command.js'], breaks: [] },
    'src/cli/command.ts': { imports: ['../database/database.js'], breaks: [] },
    'src/app/app.ts': {
      imports: ['../features/apps/apps.controller.js', '../access/guard.js', '../operations/logger.js'],
      breaks: [],
    },
    'src/features/apps/apps.controller.ts': { imports: ['./apps.service.js', '../../rest/answer.js'], breaks: [] },
    'src/features/apps/apps.service.ts': { imports: ['./apps.repository.js'], breaks: [] },
    'src/features/apps/apps.repository.ts': { imports: ['../../database/database.js'], breaks: [] },
    'src/features/apps/app.entity.ts': { imports: ['typeorm'], breaks: [] },
    'src/features/users/users.repository.ts': { imports: ['../../database/database.js'], breaks: ['not-unreachable'] },
    'src/rest/answer.ts': { imports: ['../access/guard.js', '../query/field.js'], breaks: [] },
    'src/access/guard.ts': { imports: ['../database/database.js'], breaks: [] },
    'src/database/database.ts': { imports: ['typeorm', '../problems/problem.js', './one.js'], breaks: [] },
    'src/operations/logger.ts': { imports: [], breaks: [] },
    'src/query/field.ts': { imports: ['../problems/problem.js'], breaks: [] },
    'src/problems/problem.ts': { imports: [], breaks: [] },
    'test/server.ts': { imports: [], breaks: [] },

    // What each layer may not know.
    'src/settings/upwards.ts': {
      imports: ['../database/database.js'],
      breaks: ['layer-1-knows-no-higher-one', 'not-unreachable'],
    },
    'src/database/upwards.ts': {
      imports: ['../rest/answer.js'],
      breaks: ['layer-2-knows-no-higher-one', 'not-unreachable'],
    },
    'src/access/upwards.ts': {
      imports: ['../rest/answer.js'],
      breaks: ['layer-3-knows-no-higher-one', 'not-unreachable'],
    },
    'src/rest/upwards.ts': {
      imports: ['../features/apps/apps.service.js'],
      breaks: ['layer-4-knows-no-higher-one', 'not-unreachable'],
    },
    'src/features/apps/upwards.ts': {
      imports: ['../../cli/command.js'],
      breaks: ['layer-5-knows-no-higher-one', 'not-unreachable'],
    },

    'src/database/one.ts': { imports: ['./two.js'], breaks: ['no-cycles'] },
    'src/database/two.ts': { imports: ['./one.js'], breaks: [] }, // a cycle is reported once

    'src/features/hooks/alone.ts': { imports: [], breaks: ['no-orphans', 'not-unreachable'] },
    'src/features/hooks/lost.ts': { imports: ['./gone.js'], breaks: ['no-unresolvable', 'not-unreachable'] },
    'src/features/hooks/undeclared.ts': {
      imports: ['undeclared'],
      breaks: ['no-undeclared-packages', 'not-unreachable'],
    },
    'src/features/hooks/development.ts': {
      imports: ['jest'],
      breaks: ['no-development-packages-in-src', 'not-unreachable'],
    },
    'src/features/hooks/tested.ts': {
      imports: ['../../../test/server.js'],
      breaks: ['no-tests-in-src', 'not-unreachable'],
    },
    'src/matching/impure.ts': { imports: ['@nestjs/common'], breaks: ['matching-is-pure', 'not-unreachable'] },
    'src/matching/reaching.ts': {
      imports: ['../problems/problem.js'],
      breaks: ['matching-is-pure', 'not-unreachable'],
    },
    'src/query/impure.ts': { imports: ['@nestjs/common'], breaks: ['not-unreachable', 'query-is-pure'] },
    'src/query/reaching.ts': { imports: ['../settings/upwards.js'], breaks: ['not-unreachable', 'query-is-pure'] },
    'src/features/hooks/repository.ts': {
      imports: ['../users/users.repository.js'],
      breaks: ['features-meet-through-services', 'not-unreachable'],
    },
    'src/app/entity.ts': {
      imports: ['../features/apps/app.entity.js'],
      breaks: ['entities-stay-at-home', 'not-unreachable'],
    },
    'src/features/hooks/orm.ts': { imports: ['typeorm'], breaks: ['not-unreachable', 'typeorm-stays-below'] },
    'src/operations/otlp-tracing.ts': { imports: [], breaks: ['not-unreachable'] },
    'src/operations/eager.ts': {
      imports: ['./otlp-tracing.js'],
      breaks: ['not-unreachable', 'opentelemetry-on-demand'],
    },
    'src/features/hooks/hooks.controller.ts': {
      imports: ['../../database/database.js'],
      breaks: ['controllers-hold-no-sql', 'not-unreachable'],
    },
    'src/features/hooks/back.service.ts': {
      imports: ['./hooks.controller.js'],
      breaks: ['not-unreachable', 'nothing-walks-back'],
    },
  };

/**
 * A second project, of two folders that need each other although no two of their files do. In the first one, where files
 * break the layers, nearly every folder is in a cycle.
 */
const FOLDERS_IN_A_CYCLE: Readonly<Record<string, readonly string[]>> = {
  'src/main.ts': ['./features/tokens/tokens.service.js', './features/tokens/owner.service.js'],
  'src/features/tokens/tokens.service.ts': ['../users/users.service.js'],
  'src/features/tokens/owner.service.ts': [],
  'src/features/users/users.service.ts': ['../../database/database.js'],
  'src/features/users/names.service.ts': ['../tokens/owner.service.js'],
  'src/database/database.ts': [],
  'src/cli.ts': ['./features/users/names.service.js'],
};

const PACKAGES: Readonly<Record<string, string>> = {
  'package.json':
    '{"type": "module", "dependencies": {"typeorm": "1", "@nestjs/common": "1"}, "devDependencies": {"jest": "1"}}',
  'tsconfig.json': '{"compilerOptions": {"module": "nodenext", "target": "es2023"}}',
  ...Object.fromEntries(
    ['typeorm', '@nestjs/common', 'jest', 'undeclared'].flatMap((name) => [
      [`node_modules/${name}/package.json`, `{"name": "${name}", "main": "index.js"}`],
      [`node_modules/${name}/index.js`, ''],
    ]),
  ),
};

/** Makes a project of files that import what is listed of each, in a new folder. */
async function makeProject(files: Readonly<Record<string, readonly string[]>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dependency-rules-'));
  const sources = Object.entries(files).map(([name, imports]): [string, string] => {
    const lines = imports.map((imported, index) => `export * as import${index} from '${imported}';`);
    return [name, [...lines, 'export const value = 1;', ''].join('\n')];
  });
  for (const [name, content] of [...Object.entries(PACKAGES), ...sources]) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

describe('the dependency rules', () => {
  let offenders: string;
  let cycle: string;

  beforeAll(async () => {
    offenders = await makeProject(
      Object.fromEntries(Object.entries(OFFENDERS).map(([name, { imports }]) => [name, imports])),
    );
    cycle = await makeProject(FOLDERS_IN_A_CYCLE);
  });

  afterAll(async () => {
    await Promise.all([offenders, cycle].map((folder) => rm(folder, { recursive: true })));
  });

  it('each catch what they forbid, and nothing else', async () => {
    const expected = Object.entries(OFFENDERS).flatMap(([name, { breaks }]) =>
      breaks.map((rule) => `${rule}: ${name}`),
    );
    const found = await violations(offenders, 'src', 'test');
    expect(found.filter((violation) => !violation.startsWith(FOLDER_RULE))).toEqual(expected.sort());
  });

  it('catch two folders that need each other, and not what both of them use', async () => {
    expect(await violations(cycle, 'src')).toEqual(
      ['src/features/tokens', 'src/features/users'].map((name) => `${FOLDER_RULE}: ${name}`),
    );
  });

  it('are all tried by the little projects', async () => {
    const { default: ruleSet } = (await import(CONFIG)) as { default: { forbidden: { name: string }[] } };
    const tried = new Set([FOLDER_RULE, ...Object.values(OFFENDERS).flatMap(({ breaks }) => breaks)]);
    expect(new Set(ruleSet.forbidden.map(({ name }) => name))).toEqual(tried);
  });

  it('hold in this project', async () => {
    expect(await violations(ROOT, 'src', 'migrations', 'test', 'bench', 'faults')).toEqual([]);
  });
});
