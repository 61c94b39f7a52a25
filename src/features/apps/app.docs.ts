import type { DocumentedResource } from '../../rest/openapi/documented-resource.js';
import { appCollection } from './app.collection.js';
import { APP_TYPE } from './dto/app-fields.js';
import { App } from './dto/app.js';
import { CreateApp } from './dto/create-app.js';
import { UpdateApp } from './dto/update-app.js';

const HEAD = { type: APP_TYPE, version: '2.2' };

const ID = '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9';
const CLUSTER_ID = 'b81bdd8f-c2c7-40eb-a602-4af06d3c6e4d';

const METADATA = {
  labels: [],
  creationTimestamp: '2022-10-06T20:58:16.305662Z',
  modificationTimestamp: '2022-10-06T20:58:16.305662Z',
  createdBy: '8f84cf09-8036-51e4-b579-bd30cb07b269',
};

const STORED = {
  ...HEAD,
  id: ID,
  name: 'payroll-east',
  links: [],
  state: 'ready',
  stateDetails: [],
  protectionState: 'none',
  protectionStateDetails: [],
  namespaceScopedResources: [{ namespace: 'payroll-east' }],
  namespaces: ['payroll-east'],
  clusterName: 'payroll-cluster',
  clusterID: CLUSTER_ID,
  clusterType: 'kubernetes',
  lastResourceCollectionTimestamp: '2022-10-06T21:00:00.000000Z',
  metadata: METADATA,
};

const ENVELOPE = { type: appCollection.type, version: appCollection.version, metadata: METADATA };

/** What the OpenAPI document says of apps. */
export const APP_DOCS: DocumentedResource = {
  term: 'app',
  noun: 'app',
  article: 'an',
  mediaType: APP_TYPE,
  resource: App,
  collection: appCollection,
  query: { include: 'id,name,namespaces', filter: "namespaces[*] eq 'payroll-east'", orderBy: 'name' },
  create: {
    body: CreateApp,
    examples: {
      namespaces: {
        summary: 'An app of two namespaces, one of them in part',
        value: {
          ...HEAD,
          name: 'wordpress',
          clusterID: CLUSTER_ID,
          namespaceScopedResources: [
            { namespace: 'wordpress', labelSelectors: ['app.kubernetes.io/instance=wordpress'] },
            { namespace: 'wordpress-database' },
          ],
        },
      },
      everything: { summary: 'An app of whatever its inventory holds', value: { ...HEAD, name: 'everything' } },
    },
    answers: {
      created: {
        summary: 'The new app',
        value: {
          ...HEAD,
          id: ID,
          name: 'payroll-east',
          links: [],
          state: 'ready',
          stateDetails: [],
          protectionState: 'none',
          protectionStateDetails: [],
          namespaceScopedResources: [{ namespace: 'payroll-east' }],
          namespaces: ['payroll-east'],
          clusterID: CLUSTER_ID,
          metadata: METADATA,
        },
      },
    },
    note: 'Its inventory is empty at first.',
    problems: ['ExtendedValidationFailure', 'ResourceConflict'],
  },
  lists: {
    resources: { summary: 'Apps', value: { ...ENVELOPE, items: [STORED] } },
    fields: {
      summary: 'Only some fields: include=id,name,namespaces',
      value: { ...ENVELOPE, items: [[ID, 'payroll-east', ['payroll-east']]] },
    },
  },
  get: { answers: { stored: { summary: 'An app', value: STORED } } },
  replace: {
    body: UpdateApp,
    examples: {
      labels: {
        summary: 'Other labels',
        value: { ...HEAD, metadata: { labels: [{ name: 'team', value: 'payments' }] } },
      },
    },
    note: 'Other namespaces or label selectors count from the next inventory on.',
    problems: ['ExtendedValidationFailure'],
  },
  delete: { note: 'Its inventory and its execution hooks are deleted with it.' },
};
