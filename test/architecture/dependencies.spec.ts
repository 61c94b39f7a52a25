import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG = join(ROOT, '.dependency-cruiser.js');

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

/** A little project: each of its files imports what is listed, and the rule that says so must refuse it. */
const OFFENDERS: Readonly<Record<string, { readonly imports: readonly string[]; readonly breaks: readonly string[] }>> =
  {
    'src/main.ts': { imports: ['./problems/problem.js', './accounts/role.js', './apps/apps.service.js'], breaks: [] },
    'src/cli.ts': { imports: ['./cli/command.js', './problems/problem.js'], breaks: [] },
    'src/cli/command.ts': { imports: [], breaks: [] },
    'src/problems/problem.ts': { imports: [], breaks: [] },
    'src/accounts/role.ts': { imports: [], breaks: [] },
    'src/apps/apps.service.ts': { imports: ['../accounts/role.js', './apps.repository.js'], breaks: [] },
    'src/apps/apps.repository.ts': { imports: ['../database/database.js', './app.entity.js'], breaks: [] },
    'src/apps/app.entity.ts': { imports: ['typeorm'], breaks: [] },
    'src/database/database.ts': { imports: ['typeorm', './one.js'], breaks: [] },
    'src/database/one.ts': { imports: ['./two.js'], breaks: ['no-cycles'] },
    'src/database/two.ts': { imports: ['./one.js'], breaks: [] }, // a cycle is reported once
    'src/database/feature.ts': {
      imports: ['../apps/apps.service.js'],
      breaks: ['not-unreachable', 'problems-know-no-feature'],
    },
    'src/hooks/alone.ts': { imports: [], breaks: ['no-orphans', 'not-unreachable'] },
    'src/hooks/lost.ts': { imports: ['./gone.js'], breaks: ['no-unresolvable', 'not-unreachable'] },
    'src/hooks/undeclared.ts': { imports: ['undeclared'], breaks: ['no-undeclared-packages', 'not-unreachable'] },
    'src/hooks/development.ts': { imports: ['jest'], breaks: ['no-development-packages-in-src', 'not-unreachable'] },
    'src/hooks/tested.ts': { imports: ['../../test/server.js'], breaks: ['no-tests-in-src', 'not-unreachable'] },
    'test/server.ts': { imports: [], breaks: [] },
    'src/matching/impure.ts': { imports: ['@nestjs/common'], breaks: ['matching-is-pure', 'not-unreachable'] },
    'src/matching/reaching.ts': {
      imports: ['../problems/problem.js'],
      breaks: ['matching-is-pure', 'not-unreachable'],
    },
    'src/collections/impure.ts': { imports: ['@nestjs/common'], breaks: ['collections-are-pure', 'not-unreachable'] },
    'src/collections/feature.ts': {
      imports: ['../apps/apps.service.js'],
      breaks: ['collections-are-pure', 'not-unreachable'],
    },
    'src/collections/value.ts': {
      imports: ['../database/database.js'],
      breaks: ['collections-use-the-database-types-only', 'not-unreachable'],
    },
    'src/hooks/repository.ts': {
      imports: ['../apps/apps.repository.js'],
      breaks: ['features-meet-through-services', 'not-unreachable'],
    },
    'src/operations/entity.ts': {
      imports: ['../apps/app.entity.js'],
      breaks: ['entities-stay-at-home', 'not-unreachable'],
    },
    'src/hooks/orm.ts': { imports: ['typeorm'], breaks: ['typeorm-stays-below', 'not-unreachable'] },
    'src/operations/otlp-tracing.ts': { imports: [], breaks: ['not-unreachable'] },
    'src/operations/eager.ts': {
      imports: ['./otlp-tracing.js'],
      breaks: ['not-unreachable', 'opentelemetry-on-demand'],
    },
    'src/apps/apps.controller.ts': {
      imports: ['./apps.repository.js'],
      breaks: ['controllers-hold-no-sql', 'not-unreachable'],
    },
    'src/apps/back.service.ts': {
      imports: ['./apps.controller.js'],
      breaks: ['nothing-walks-back', 'not-unreachable'],
    },
  };

describe('the dependency rules', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dependency-rules-'));
    const files = new Map<string, string>([
      ['tsconfig.json', '{"compilerOptions": {"module": "nodenext", "target": "es2023"}}'],
      [
        'package.json',
        '{"type": "module", "dependencies": {"typeorm": "1", "@nestjs/common": "1"}, "devDependencies": {"jest": "1"}}',
      ],
    ]);
    for (const name of ['typeorm', '@nestjs/common', 'jest', 'undeclared']) {
      files.set(`node_modules/${name}/package.json`, `{"name": "${name}", "main": "index.js"}`);
      files.set(`node_modules/${name}/index.js`, '');
    }
    for (const [name, { imports }] of Object.entries(OFFENDERS)) {
      const lines = imports.map((imported, index) => `export * as import${index} from '${imported}';`);
      files.set(name, [...lines, 'export const value = 1;', ''].join('\n'));
    }
    for (const [name, content] of files) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('each catch what they forbid, and nothing else', async () => {
    const expected = Object.entries(OFFENDERS).flatMap(([name, { breaks }]) =>
      breaks.map((rule) => `${rule}: ${name}`),
    );
    expect(await violations(folder, 'src', 'test')).toEqual(expected.sort());
  });

  it('are all tried by the little project', async () => {
    const { default: ruleSet } = (await import(CONFIG)) as { default: { forbidden: { name: string }[] } };
    const tried = new Set(Object.values(OFFENDERS).flatMap(({ breaks }) => breaks));
    expect(new Set(ruleSet.forbidden.map(({ name }) => name))).toEqual(tried);
  });

  it('hold in this project', async () => {
    expect(await violations(ROOT, 'src', 'migrations', 'test', 'bench')).toEqual([]);
  });
});
