import type { CollectionDefinition } from '../../query/collection-definition.js';
import { type Field, memberField, numberField, stringField } from '../../query/field.js';
import { resourceJson } from '../../query/resource-json.js';
import { sql } from '../../query/sql-fragment.js';
import { Container } from '../../rest/container.js';
import {
  computed,
  constant,
  identifier,
  object,
  objects,
  oneOf,
  ownIdentifier,
  text,
  texts,
} from '../../rest/declaration.js';
import { resource } from '../../rest/resource.js';
import { rule } from '../../rest/resource-body.js';
import { objectsField, textsField } from '../../rest/resource-field.js';
import { Table } from '../../rest/table.js';
import { HookExecution } from './hook-execution.js';
import { MatchingCriterion } from './matching-criterion.js';

/** The version that knows the action `failover`. */
export const FAILOVER_VERSION = '1.3';

/** The actions that a hook may run at. */
export const HOOK_ACTIONS = ['snapshot', 'backup', 'restore', 'failover'] as const;
/** Before or after the action. */
export const HOOK_STAGES = ['pre', 'post'] as const;

/** Most images of `matchingImages` (docs/api.md, section 4). */
const MAX_MATCHING_IMAGES = 4095;

/** The version's own list of actions holds the action: a body that names an older version knows no `failover`. */
const ACTION_OF_VERSION = rule(
  'actionOfVersion',
  `must be one of "snapshot", "backup", "restore"; with version ${FAILOVER_VERSION} also "failover"`,
  (action, hook) =>
    HOOK_ACTIONS.some((known) => known === action) &&
    (action !== 'failover' || ('version' in hook && hook.version === FAILOVER_VERSION)),
);

const NO_COLUMN = { nullable: true, column: false };

function membersOfCriteria(array: string): Readonly<Record<string, Field>> {
  return { '[*].type': memberField(array, 'type'), '[*].value': memberField(array, 'value') };
}

/** An execution hook (docs/api.md, section 2). */
export const EXECUTION_HOOK = resource({
  term: 'executionHook',
  noun: 'execution hook',
  article: 'an',
  table: 'execution_hooks',
  alias: 'h',
  keys: ['account_id'],
  idParameter: 'executionHook_id',
  collection: {
    type: 'application/astra-executionHooks',
    version: '1.2',
    batchRows: 4000,
    completedFrom: {
      matchingCriteria: 'h.matching_criteria',
      excludingCriteria: 'h.excluding_criteria',
      matchedAppId: 'h.app_id',
      inventoryRevision:
        '(SELECT a.inventory_revision FROM apps AS a WHERE a.account_id = h.account_id AND a.id = h.app_id)',
    },
  },
  words: {
    create: 'The execution hook to create.',
    update: 'What of the execution hook to replace. What is left out is kept.',
    resource: 'An execution hook.',
  },
  fields: {
    type: constant('application/astra-executionHook', { set: 'always', description: 'Media type of the resource.' }),
    version: oneOf(['1.0', '1.1', '1.2', '1.3'], {
      set: 'always',
      column: 'version',
      description: 'Version of the resource, stored and returned as it was sent.',
      example: '1.2',
    }),
    id: ownIdentifier('executionHook_id', '946e60cb-980b-4374-9e6e-9fe1f6780352'),
    name: text(1, 63, {
      set: 'required',
      column: 'name',
      description:
        'Name of the hook. It must be unique across all execution hooks of the account (of the app, when the service is set up with `HOOK_NAME_SCOPE=app`).',
      example: 'Payroll',
    }),
    hookType: oneOf(['netapp', 'custom'], {
      set: 'fixed',
      column: 'hook_type',
      enumName: 'HookType',
      description:
        '`custom`: tied to a specific app. `netapp`: provided with the service and read only. It cannot be changed.',
      example: 'custom',
    }),
    matchingCriteria: objects(() => MatchingCriterion, 10, membersOfCriteria, {
      set: 'optional',
      column: 'matching_criteria',
      default: [],
      description:
        'Which containers of the app the hook runs in: those that meet all criteria. Without criteria, every container.',
      example: [
        { type: 'podLabel', value: '^env=production$' },
        { type: 'containerName', value: '^payroll-master' },
      ],
    }),
    matchingContainers: computed<Container[]>(
      objectsField(() => Container, Infinity, {
        description:
          "The containers of the app's inventory that the hook matches now, ordered by namespace, pod and container. Left out where the hook has no app.",
      }),
    ),
    matchingImages: computed<string[]>(
      textsField(MAX_MATCHING_IMAGES, 1, Infinity, {
        description: 'The distinct images of these containers, sorted. Left out where the hook has no app.',
        example: ['docker.io/bitnami/payroll:3.7.8'],
      }),
    ),
    action: oneOf(
      HOOK_ACTIONS,
      {
        set: 'required',
        column: 'action',
        enumName: 'HookAction',
        description: `The action that the hook runs at. \`failover\` needs version ${FAILOVER_VERSION}.`,
        example: 'snapshot',
      },
      ACTION_OF_VERSION,
    ),
    stage: oneOf(HOOK_STAGES, {
      set: 'required',
      column: 'stage',
      enumName: 'HookStage',
      description:
        '`pre`: before the action. `post`: after the action. The actions `restore` and `failover` take `post` only.',
      example: 'pre',
    }),
    hookSourceID: identifier({
      set: 'required',
      column: 'hook_source_id',
      description: 'ID of the hook source that the hook runs. It must exist in the account.',
      example: '50e89023-ba84-435d-bb47-1833f4c250ff',
    }),
    arguments: texts(16, 0, 127, {
      set: 'optional',
      column: 'arguments',
      default: [],
      description: 'Arguments that the hook source is run with.',
      example: ['freeze'],
    }),
    appID: identifier({
      set: 'required',
      column: 'app_id',
      nullable: true,
      path: 'app_id',
      description: 'ID of the app whose containers the hook runs in. It must exist in the account.',
      example: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9',
    }),
    enabled: oneOf(['true', 'false'], {
      set: 'optional',
      column: 'enabled',
      default: 'true',
      enumName: 'Enabled',
      description: '`"true"`: the hook runs as specified. `"false"`: it never runs. A string, not a boolean.',
      example: 'true',
    }),
    description: text(0, 511, {
      set: 'optional',
      column: 'description',
      nullable: true,
      description: 'Free text.',
      example: 'Payroll production hook',
    }),
    excludingCriteria: objects(() => MatchingCriterion, 10, membersOfCriteria, {
      set: 'optional',
      column: 'excluding_criteria',
      nullable: true,
      description:
        'Which containers the hook leaves out, although they meet the matching criteria: those that meet any of these. Shown when there are any.',
      example: [{ type: 'containerName', value: '^istio-proxy$' }],
    }),
    execution: object(
      () => HookExecution,
      (value) => ({
        '.order': numberField(`(${value}->>'order')::integer`, NO_COLUMN),
        '.timeoutMinutes': numberField(`(${value}->>'timeoutMinutes')::integer`, NO_COLUMN),
        '.onError': stringField(`(${value}->>'onError') COLLATE "C"`, NO_COLUMN),
      }),
      {
        set: 'optional',
        column: 'execution',
        nullable: true,
        description: 'How the hook is run. A request replaces it as a whole. Shown when it is set.',
        example: { order: 100, timeoutMinutes: 5 },
      },
    ),
  },
});

/** The fields of an execution hook. */
export type HookFields = typeof EXECUTION_HOOK.fields;

/** The name's scope by the setting that the database holds: the null UUID for the account, or the hook's app. */
const NAME_SCOPE = (value: (field: 'appID') => string): string => `
  (SELECT CASE WHEN scope = 'app' THEN coalesce(${value('appID')}, '00000000-0000-0000-0000-000000000000'::uuid)
               ELSE '00000000-0000-0000-0000-000000000000'::uuid END
   FROM hook_name_scope)`;

/** What the rules of hooks read of a stored hook. */
export interface HookColumns {
  readonly hookType: 'netapp' | 'custom';
  readonly matchingCriteria: readonly MatchingCriterion[];
  readonly excludingCriteria: readonly MatchingCriterion[] | null;
  readonly appID: string | null;
}

/** The stored hooks. */
export const EXECUTION_HOOKS = new Table<HookFields, HookColumns>(EXECUTION_HOOK, {
  also: { hookType: 'h.hook_type' },
  computed: { name_scope: NAME_SCOPE },
});

/** What an app sees of its hooks: a netapp hook is enabled as the app's own override `o` says, where it has one. */
const FIELDS_OF_APP = {
  ...EXECUTION_HOOK.collection.fields,
  enabled: stringField('coalesce(o.enabled, h.enabled)', { column: false }),
};

/** The JSON of a hook as an app sees it, over `execution_hooks AS h` and the app's `execution_hook_overrides AS o`. */
export const EXECUTION_HOOK_OF_APP_JSON = resourceJson({ fields: FIELDS_OF_APP });

/** The execution hooks that one app sees. */
export function executionHooksOfApp(appId: string): CollectionDefinition {
  return {
    ...EXECUTION_HOOK.collection,
    from: {
      ...EXECUTION_HOOK.collection.from,
      join: sql`LEFT JOIN execution_hook_overrides AS o
        ON o.account_id = h.account_id AND o.app_id = ${appId} AND o.execution_hook_id = h.id`,
    },
    fields: FIELDS_OF_APP,
    // The app and its revision are those of the list.
    completedFrom: { matchingCriteria: 'h.matching_criteria', excludingCriteria: 'h.excluding_criteria' },
  };
}
