import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HookFileError, readHookFile } from './hook-file.js';

const DEFAULTS = fileURLToPath(new URL('../../../netapp-hooks/defaults.yaml', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hook-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function written(yaml: string): Promise<string> {
  const path = join(folder, 'hooks.yaml');
  await writeFile(path, yaml);
  return path;
}

/** The reasons for which a file is refused. */
async function reasons(yaml: string): Promise<string[]> {
  const path = await written(yaml);
  try {
    await readHookFile(path);
  } catch (error) {
    if (!(error instanceof HookFileError)) throw error;
    const [head, ...lines] = error.message.split('\n');
    expect(head).toBe(`${path} cannot be installed:`);
    return lines.map((line) => line.trim());
  }
  return [];
}

const SOURCE = `
hookSources:
  - name: script
    source: |
      #!/bin/sh
      true
`;

describe('the file that comes with the service', () => {
  it('freezes and thaws the three documented databases', async () => {
    const { hooks, hookSources } = await readHookFile(DEFAULTS);
    expect(hooks.map(({ action, stage, matchingCriteria }) => [action, stage, matchingCriteria])).toEqual(
      ['mariadb', 'mysql', 'postgresql'].flatMap((database) =>
        ['pre', 'post'].map((stage) => ['snapshot', stage, [{ type: 'containerImage', value: `\\b${database}\\b` }]]),
      ),
    );
    expect(hooks.map((hook) => hook.arguments)).toEqual([0, 1, 2].flatMap(() => [['freeze'], ['thaw']]));
    expect(hookSources.map(({ name }) => name)).toEqual(['netapp-mariadb', 'netapp-mysql', 'netapp-postgresql']);
    for (const { source } of hookSources) expect(Buffer.from(source, 'base64').toString()).toMatch(/^#!\/bin\/sh\n/);
  });
});

describe('a hook file', () => {
  it('has hooks with the defaults of the API, and scripts of its own or of files beside it', async () => {
    await writeFile(join(folder, 'thaw.sh'), 'thaw\n');
    const path = await written(`
hookSources:
  - { name: here, source: "freeze\\n", description: Freezes }
  - { name: beside, file: thaw.sh }
hooks:
  - { name: one, hookSource: here, action: backup, stage: pre, enabled: false }
  - { name: two, hookSource: beside, action: failover, stage: post, arguments: ['1'] }
`);
    expect(await readHookFile(path)).toEqual({
      hookSources: [
        { name: 'here', description: 'Freezes', source: Buffer.from('freeze\n').toString('base64') },
        { name: 'beside', description: null, source: Buffer.from('thaw\n').toString('base64') },
      ],
      hooks: [
        {
          version: '1.2',
          name: 'one',
          description: null,
          hookSource: 'here',
          action: 'backup',
          stage: 'pre',
          arguments: [],
          matchingCriteria: [],
          enabled: 'false',
        },
        {
          version: '1.3',
          name: 'two',
          description: null,
          hookSource: 'beside',
          action: 'failover',
          stage: 'post',
          arguments: ['1'],
          matchingCriteria: [],
          enabled: 'true',
        },
      ],
    });
  });

  it.each<[string, string, readonly string[]]>([
    ['no object', '- a', ['body must be a JSON object']],
    ['nothing', '', ['body must be a JSON object']],
    ['without hooks', SOURCE, ['hooks is required']],
    ['with an unknown field', 'hooks: []\nhook: []', ['hook is not a field of this resource']],
    [
      'with a hook that is not one',
      `${SOURCE}hooks: [{ name: '', hookSource: script, action: sleep, stage: pre, arguments: [1], enabled: 'yes' }]`,
      [
        'hooks[0].action must be one of "snapshot", "backup", "restore", "failover"',
        'hooks[0].arguments[0] must be a string of 0 to 127 characters',
        'hooks[0].enabled must be true or false',
        'hooks[0].name must be a string of 1 to 63 characters',
      ],
    ],
    [
      'that breaks rules beyond the shape',
      `${SOURCE}hooks:
  - { name: a, hookSource: other, action: restore, stage: pre, matchingCriteria: [{ type: podName, value: '(' }] }`,
      [
        'hooks[0].hookSource must be the name of a hook source of this file',
        'hooks[0].matchingCriteria[0].value missing ): (',
        'hooks[0].stage must be "post" for the action "restore"',
      ],
    ],
    [
      'with names twice',
      'hookSources: [{ name: a, source: a }, { name: a, source: b }]\nhooks: []',
      ['hookSources[1].name is in this file twice'],
    ],
    [
      'with a script that is in no place or in two',
      'hookSources: [{ name: a }, { name: b, source: b, file: b }]\nhooks: []',
      ['hookSources[0] must have either source or file', 'hookSources[1] must have either source or file'],
    ],
    [
      'with a script that the API would refuse',
      'hookSources: [{ name: a, source: "a\\r\\n" }]\nhooks: []',
      ['hookSources[0] must decode to a text without carriage returns (use \\n line ends)'],
    ],
    [
      'with a NUL',
      'hookSources: [{ name: "a\\0", source: a }]\nhooks: []',
      ['hookSources[0].name must be well-formed Unicode without NUL'],
    ],
  ])('%s is refused', async (_, yaml, expected) => {
    expect((await reasons(yaml)).sort()).toEqual(expected);
  });

  it('that is no YAML, or names a script that is not there, is refused', async () => {
    expect((await reasons('hooks: [')).join()).toMatch(/at line 1, column 9/);
    expect((await reasons('hookSources: [{ name: a, file: gone.sh }]\nhooks: []')).join()).toMatch(/^ENOENT.*gone\.sh/);
    await expect(readHookFile(join(folder, 'gone.yaml'))).rejects.toThrow(/ENOENT/);
  });

  it('cannot have aliases explode', async () => {
    const levels = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? 'a0: &a0 [x]'
        : `a${level}: &a${level} [${Array(10)
            .fill(`*a${level - 1}`)
            .join(', ')}]`,
    );
    expect((await reasons(levels.join('\n'))).join()).toMatch(/alias/i);
  });
});
