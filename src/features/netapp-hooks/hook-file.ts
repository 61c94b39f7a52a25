import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { errorMessage } from '../../database/error-code.js';
import { HOOK_SOURCE, MAX_SOURCE_LENGTH } from '../hook-sources/hook-source.resource.js';
import { brokenSourceRules } from '../hook-sources/source-rules.js';
import { EXECUTION_HOOK, FAILOVER_VERSION, HOOK_ACTIONS, type HookFields } from '../hooks/execution-hook.resource.js';
import type { Values } from '../../rest/resource.js';
import { brokenRules } from '../hooks/hook-rules.js';
import type { HookExecution } from '../hooks/hook-execution.js';
import { unstorableFields } from '../../rest/storable-text.js';
import { NestedItems, OneOf, Optional, resourceBody, rule, Text } from '../../rest/resource-body.js';
import { OptionalField, RequiredField } from '../../rest/resource-field.js';
import type { Criterion } from '../../matching/criterion.js';
import { SchemaViolation } from '../../problems/catalogue.js';
import type { InvalidField } from '../../problems/problem.js';

/** A script of the file, as it is stored. */
export interface SourceOfFile {
  readonly name: string;
  readonly description: string | null;
  /** Base64. */
  readonly source: string;
}

/** A hook of the file, as it is stored. */
export interface HookOfFile {
  readonly version: Values<HookFields>['version'];
  readonly name: string;
  readonly description: string | null;
  /** The name of one of the file's hook sources. */
  readonly hookSource: string;
  readonly action: Values<HookFields>['action'];
  readonly stage: Values<HookFields>['stage'];
  readonly arguments: string[];
  readonly matchingCriteria: Criterion[];
  readonly excludingCriteria?: Criterion[];
  readonly execution?: HookExecution;
  readonly enabled: 'true' | 'false';
}

/** What an operator installs: `netapp` hooks and the scripts that they run (docs/api.md, section 7). */
export interface HookFile {
  readonly hookSources: readonly SourceOfFile[];
  readonly hooks: readonly HookOfFile[];
}

/** A file that cannot be installed; the message says where and why. */
export class HookFileError extends Error {
  constructor(path: string, reasons: readonly string[], options?: ErrorOptions) {
    super([`${path} cannot be installed:`, ...reasons.map((reason) => `  ${reason}`)].join('\n'), options);
    this.name = 'HookFileError';
  }
}

/** Most hooks, and most hook sources, of one file. */
const MAX_ITEMS = 1_000;

class WrittenSource {
  @RequiredField(HOOK_SOURCE.fields.name.field)
  name: string;

  @OptionalField(HOOK_SOURCE.fields.description.field)
  description?: string;

  /** The script itself. */
  @Optional()
  @Text(1, Infinity)
  source?: string;

  /** A file that holds the script; a relative path is taken from the folder of the hook file. */
  @Optional()
  @Text(1, Infinity)
  file?: string;
}

class WrittenHook {
  @RequiredField(EXECUTION_HOOK.fields.name.field)
  name: string;

  @OptionalField(EXECUTION_HOOK.fields.description.field)
  description?: string;

  @RequiredField(HOOK_SOURCE.fields.name.field)
  hookSource: string;

  @OneOf(HOOK_ACTIONS)
  action: Values<HookFields>['action'];

  @RequiredField(EXECUTION_HOOK.fields.stage.field)
  stage: Values<HookFields>['stage'];

  @OptionalField(EXECUTION_HOOK.fields.arguments.field)
  arguments?: string[];

  @OptionalField(EXECUTION_HOOK.fields.matchingCriteria.field)
  matchingCriteria?: Criterion[];

  @OptionalField(EXECUTION_HOOK.fields.excludingCriteria.field)
  excludingCriteria?: Criterion[];

  @OptionalField(EXECUTION_HOOK.fields.execution.field)
  execution?: HookExecution;

  @Optional()
  @rule('boolean', 'must be true or false', (value) => typeof value === 'boolean')
  enabled?: boolean;
}

class WrittenFile {
  @Optional()
  @NestedItems(() => WrittenSource, 0, MAX_ITEMS)
  hookSources?: WrittenSource[];

  @NestedItems(() => WrittenHook, 0, MAX_ITEMS)
  hooks: WrittenHook[];
}

/**
 * Reads a YAML file of hooks and the scripts that it names, and holds both to the rules of the API.
 *
 * @throws HookFileError naming everything that is wrong
 */
export async function readHookFile(path: string): Promise<HookFile> {
  const written = shapeOf(path, yamlOf(path, await textOf(path, path)));
  const { hookSources = [] } = written;
  const invalid: InvalidField[] = [
    ...namedTwice('hookSources', hookSources),
    ...namedTwice('hooks', written.hooks),
    ...hookSources.flatMap(({ source, file }, index) =>
      (source === undefined) === (file === undefined)
        ? [{ name: `hookSources[${index}]`, reason: 'must have either source or file' }]
        : [],
    ),
  ];
  if (invalid.length > 0) throw new HookFileError(path, invalid.map(toReason));

  const sources: SourceOfFile[] = [];
  for (const [index, { name, description = null, source, file = '' }] of hookSources.entries()) {
    const script = source ?? (await textOf(resolve(dirname(path), file), path));
    const base64 = Buffer.from(script).toString('base64');
    sources.push({ name, description, source: base64 });
    const broken = brokenSourceRules(base64);
    if (base64.length > MAX_SOURCE_LENGTH) {
      broken.push({ name: 'source', reason: `must have at most ${MAX_SOURCE_LENGTH} characters in base64` });
    }
    invalid.push(...broken.map(({ reason }) => ({ name: `hookSources[${index}]`, reason })));
  }
  const hooks = written.hooks.map(toHook);
  hooks.forEach((hook, index) => {
    const broken = brokenRules(hook);
    if (!sources.some(({ name }) => name === hook.hookSource)) {
      broken.push({ name: 'hookSource', reason: 'must be the name of a hook source of this file' });
    }
    invalid.push(...broken.map(({ name, reason }) => ({ name: `hooks[${index}].${name}`, reason })));
  });
  if (invalid.length > 0) throw new HookFileError(path, invalid.map(toReason));
  return { hookSources: sources, hooks };
}

function toHook(written: WrittenHook): HookOfFile {
  const { name, description = null, hookSource, action, stage, arguments: words = [], matchingCriteria = [] } = written;
  return {
    version: action === 'failover' ? FAILOVER_VERSION : '1.2',
    name,
    description,
    hookSource,
    action,
    stage,
    arguments: words,
    matchingCriteria,
    ...(written.excludingCriteria === undefined ? {} : { excludingCriteria: written.excludingCriteria }),
    ...(written.execution === undefined ? {} : { execution: written.execution }),
    enabled: written.enabled === false ? 'false' : 'true',
  };
}

/** @throws HookFileError about the hook file, whichever file could not be read */
async function textOf(path: string, hookFile: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new HookFileError(hookFile, [errorMessage(error)], { cause: error });
  }
}

/** @throws HookFileError with the line and column of what is no YAML */
function yamlOf(path: string, text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    if (error instanceof YAMLParseError || error instanceof ReferenceError) {
      throw new HookFileError(path, [error.message], { cause: error });
    }
    throw error;
  }
}

/** @throws HookFileError with every field that is not as it should be */
function shapeOf(path: string, body: unknown): WrittenFile {
  const unstorable = unstorableFields(body);
  if (unstorable.length > 0) throw new HookFileError(path, unstorable.map(toReason));
  try {
    return resourceBody(WrittenFile, body);
  } catch (error) {
    if (!(error instanceof SchemaViolation)) throw error;
    throw new HookFileError(path, (error.members.invalidFields ?? []).map(toReason));
  }
}

function namedTwice(field: string, items: readonly { readonly name: string }[]): InvalidField[] {
  return items.flatMap(({ name }, index) =>
    items.findIndex((item) => item.name === name) < index
      ? [{ name: `${field}[${index}].name`, reason: 'is in this file twice' }]
      : [],
  );
}

function toReason({ name, reason }: InvalidField): string {
  return `${name} ${reason}`;
}
