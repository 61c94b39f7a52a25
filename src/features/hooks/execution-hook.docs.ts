import { documented, EXAMPLE_METADATA, type ResourceWords } from '../../rest/openapi/documented-resource.js';
import { EXECUTION_HOOK } from './execution-hook.resource.js';

/** The published examples. */
const PAYROLL = {
  type: 'application/astra-executionHook',
  version: '1.2',
  name: 'Payroll',
  hookType: 'custom',
  action: 'snapshot',
  stage: 'pre',
  hookSourceID: '50e89023-ba84-435d-bb47-1833f4c250ff',
  arguments: ['freeze'],
  appID: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9',
  enabled: 'true',
  description: 'Payroll production hook',
};

const CREATED = {
  type: 'application/astra-executionHook',
  version: '1.2',
  id: '946e60cb-980b-5374-9e6e-9fe1f6780352',
  name: 'Payroll',
  hookType: 'custom',
  matchingCriteria: [],
  action: 'snapshot',
  stage: 'pre',
  hookSourceID: '50e89023-ba84-435d-bb47-1833f4c250ff',
  arguments: ['freeze'],
  appID: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9',
  enabled: 'true',
  description: 'Payroll production hook',
  metadata: EXAMPLE_METADATA,
};

const POD = {
  namespaceName: 'payroll-east',
  podName: 'payroll-release3-7',
  podLabels: [
    { name: 'env', value: 'production' },
    { name: 'app.kubernetes.io/managed-by', value: 'Helm' },
  ],
};

const MATCHING = {
  ...CREATED,
  matchingCriteria: [
    { type: 'podLabel', value: '^env=production$' },
    { type: 'containerName', value: '^payroll-master' },
  ],
  matchingImages: ['docker.io/bitnami/payroll:3.7.8', 'docker.io/bitnami/payroll:4.1.2'],
  matchingContainers: [
    { ...POD, containerName: 'payroll-master-0', containerImage: 'docker.io/bitnami/payroll:3.7.8' },
    { ...POD, containerName: 'payroll-master-1', containerImage: 'docker.io/bitnami/payroll:3.7.8' },
  ],
};

function listed(hook: {
  readonly id: string;
  readonly name: string;
  readonly matchingCriteria: readonly object[];
  readonly hookSourceID: string;
  readonly description: string;
}): Readonly<Record<string, unknown>> {
  const { id, name, matchingCriteria, hookSourceID, description } = hook;
  return {
    type: 'application/astra-executionHook',
    version: '1.1',
    id,
    name,
    hookType: 'custom',
    matchingCriteria,
    action: 'snapshot',
    stage: 'pre',
    hookSourceID,
    arguments: ['freeze'],
    appID: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9',
    enabled: 'true',
    description,
    metadata: {
      labels: [],
      creationTimestamp: '2020-08-06T12:24:52.256624Z',
      modificationTimestamp: '2020-08-06T12:24:52.256624Z',
      createdBy: '64182074-ddb6-42eb-b7f4-b6a02cf9ba7c',
    },
  };
}

const NOTE = 'The matching fields are computed from the criteria and the inventory of the app as it is at that moment.';

const WORDS: ResourceWords = {
  query: {
    include: 'id,name',
    filter: "action eq 'snapshot',matchingCriteria[*].type in 'podLabel,podName'",
    orderBy: 'metadata.modificationTimestamp desc',
  },
  create: {
    examples: {
      everyContainer: { summary: 'A hook for every container of an app', value: PAYROLL },
      matchingContainers: {
        summary: 'A hook for the containers that meet all criteria',
        value: {
          ...PAYROLL,
          version: '1.3',
          name: 'MariaDB after a failover',
          matchingCriteria: [
            { type: 'containerImage', value: '\\bmariadb\\b' },
            { type: 'podLabel', value: '^app.kubernetes.io/component=(primary|secondary)$' },
          ],
          action: 'failover',
          stage: 'post',
          arguments: ['thaw', '30'],
        },
      },
    },
    answers: { created: { summary: 'The new execution hook', value: CREATED } },
    note: NOTE,
    problems: ['ExtendedValidationFailure', 'NetappHookReadOnly', 'ResourceConflict'],
  },
  listed: {
    summary: 'Execution hooks',
    items: [
      listed({
        id: '4c64792c-806b-4457-938d-8e325a37c593',
        name: 'Payroll',
        matchingCriteria: [
          { type: 'containerImage', value: 'payroll' },
          { type: 'podName', value: '^payroll-master' },
        ],
        hookSourceID: '50e89023-ba84-435d-bb47-1833f4c250ff',
        description: 'Payroll production hook',
      }),
      listed({
        id: '6659892c-c621-44e8-a0bb-8dbdf378a2dd',
        name: 'Order Processing',
        matchingCriteria: [
          { type: 'containerName', value: '^order-processing$' },
          { type: 'podLabel', value: '^app=master$|^app=data$' },
        ],
        hookSourceID: '63f4d6fd-b7f0-4eaa-9890-0b11123604b1',
        description: 'Order processing hook',
      }),
    ],
  },
  get: { answers: { matching: { summary: 'An execution hook', value: MATCHING } }, note: NOTE },
  replace: {
    examples: {
      arguments: {
        summary: 'Other arguments',
        value: { type: 'application/astra-executionHook', version: '1.2', arguments: ['freeze', '10'] },
      },
      disable: {
        summary: 'Switch the hook off',
        value: { type: 'application/astra-executionHook', version: '1.2', enabled: 'false' },
      },
    },
    note: 'The change has an effect on all future actions of the apps that use the hook.',
    problems: ['ExtendedValidationFailure', 'NetappHookReadOnly'],
  },
  delete: { note: 'It no longer runs as part of future actions.', problems: ['NetappHookReadOnly'] },
};

/** What the OpenAPI document says of the execution hooks of an account. */
export const EXECUTION_HOOK_DOCS = documented(EXECUTION_HOOK, WORDS);

/** What it says of the execution hooks of one app. */
export const APP_EXECUTION_HOOK_DOCS = documented(EXECUTION_HOOK, { ...WORDS, within: 'app' });
