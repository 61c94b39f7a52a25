import { documented, EXAMPLE_METADATA } from '../../rest/openapi/documented-resource.js';
import { APP } from './app.resource.js';

const HEAD = { type: 'application/astra-app', version: '2.2' };

const ID = '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9';
const CLUSTER_ID = 'b81bdd8f-c2c7-40eb-a602-4af06d3c6e4d';

const STORED = {
  ...HEAD,
  id: ID,
  name: 'payroll-east',
  links: [],
  state: 'ready',
  stateDetails: [],
  protectionState: 'none',
  protectionStateDetails: [],
  namespaceScopedResources: [{ namespace: 'payroll-east', labelSelectors: [] }],
  namespaces: ['payroll-east'],
  clusterName: 'payroll-cluster',
  clusterID: CLUSTER_ID,
  clusterType: 'kubernetes',
  lastResourceCollectionTimestamp: '2022-10-06T21:00:00.000000Z',
  metadata: EXAMPLE_METADATA,
};

/** What the OpenAPI document says of apps. */
export const APP_DOCS = documented(APP, {
  query: { include: 'id,name,namespaces', filter: "namespaces[*] eq 'payroll-east'", orderBy: 'name' },
  create: {
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
          namespaceScopedResources: [{ namespace: 'payroll-east', labelSelectors: [] }],
          namespaces: ['payroll-east'],
          clusterID: CLUSTER_ID,
          metadata: EXAMPLE_METADATA,
        },
      },
    },
    note: 'Its inventory is empty at first.',
    problems: ['ExtendedValidationFailure', 'ResourceConflict'],
  },
  listed: { summary: 'Apps', items: [STORED] },
  get: { answers: { stored: { summary: 'An app', value: STORED } } },
  replace: {
    examples: {
      labels: {
        summary: 'Other labels',
        value: { ...HEAD, metadata: { labels: [{ name: 'team', value: 'payments' }] } },
      },
    },
    note: 'Pods that are outside of other namespaces or label selectors leave the inventory at once; pods that are newly within them come with the next one.',
    problems: ['ExtendedValidationFailure'],
  },
  delete: { note: 'Its inventory and its execution hooks are deleted with it.' },
});
