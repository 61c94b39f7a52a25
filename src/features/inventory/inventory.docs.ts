import { applyDecorators, HttpCode } from '@nestjs/common';
import type { ParameterObject } from '@nestjs/swagger';
import { Answers } from '../../rest/answer.js';
import { JSON_TYPE } from '../../rest/media-types.js';
import type { DocumentedItems } from '../../rest/openapi/documented-resource.js';
import { headerReferences } from '../../rest/openapi/headers.js';
import { CONDITIONAL_HEADERS } from '../../rest/openapi/parameters.js';
import { BODY_PROBLEMS, content, Documented } from '../../rest/openapi/operations.js';
import { InventoryContainer } from './dto/inventory-container.js';
import { Inventory, INVENTORY_TYPE } from './dto/inventory.js';
import { PodList } from './dto/pod-list.js';
import { inventoryCollection } from './inventory.collection.js';

const CONTAINER = {
  namespaceName: 'payroll-east',
  podName: 'payroll-release3-7',
  podLabels: [
    { name: 'env', value: 'production' },
    { name: 'app.kubernetes.io/managed-by', value: 'Helm' },
  ],
  containerName: 'payroll-master-0',
  containerImage: 'docker.io/bitnami/payroll:3.7.8',
  containerState: 'waiting',
  containerStateReason: 'CrashLoopBackOff',
};

const ENVELOPE = {
  type: inventoryCollection.type,
  version: inventoryCollection.version,
  metadata: {
    labels: [],
    creationTimestamp: '2022-10-06T20:58:16.305662Z',
    modificationTimestamp: '2022-10-06T20:58:16.305662Z',
    createdBy: '8f84cf09-8036-51e4-b579-bd30cb07b269',
  },
};

/** What the OpenAPI document says of the containers of an app. */
export const CONTAINER_DOCS: DocumentedItems = {
  term: 'container',
  noun: 'container',
  article: 'a',
  within: 'app',
  resource: InventoryContainer,
  headers: ['etag'],
  collection: inventoryCollection,
  query: {
    include: 'podName,containerName,containerImage',
    filter: "namespaceName eq 'payroll-east',podLabels[*].name eq 'env'",
    orderBy: 'containerImage',
  },
  lists: {
    resources: { summary: 'Containers', value: { ...ENVELOPE, items: [CONTAINER] } },
    fields: {
      summary: 'Only some fields: include=podName,containerName,containerImage',
      value: {
        ...ENVELOPE,
        items: [[CONTAINER.podName, CONTAINER.containerName, CONTAINER.containerImage]],
      },
    },
  },
};

const POD_LIST = {
  apiVersion: 'v1',
  kind: 'PodList',
  items: [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace: 'payroll-east',
        name: 'payroll-release3-7',
        labels: { env: 'production', 'app.kubernetes.io/managed-by': 'Helm' },
      },
      spec: { containers: [{ name: 'payroll-master-0', image: 'docker.io/bitnami/payroll:3.7.8' }] },
      status: { phase: 'Running' },
    },
  ],
};

const ANSWER = {
  type: INVENTORY_TYPE,
  version: '1.0',
  revision: 2,
  pods: {
    received: 1,
    kept: 1,
    leftOut: {
      otherNamespace: 0,
      labelSelector: 0,
      finished: 0,
      pending: 0,
      unknownPhase: 0,
      terminating: 0,
      nodeLost: 0,
    },
  },
  containers: {
    kept: 1,
    leftOut: { init: 0, ephemeral: 0, ofPodsLeftOut: 0 },
    added: 1,
    changed: 0,
    removed: 0,
  },
};

/** PUT of an app's inventory: 200, what came of the pods. */
export function ReplacesInventory(): MethodDecorator {
  return applyDecorators(
    HttpCode(200),
    Answers(INVENTORY_TYPE),
    Documented({
      operationId: 'replaceInventory',
      summary: 'Replace the inventory of an app',
      description: `Replaces the containers of the app by those of the pods that the request body lists, in one transaction: readers see the old inventory or the new one. The body is what \`kubectl get pods -o json\` prints, of one namespace or of all.

Kept are the containers (native sidecars among them, other init and ephemeral ones apart) of pods that are running and not being deleted and whose node is not lost, within the namespaces and label selectors of the app. The answer says what was left out, and why. Sending the same pods again changes nothing but the time of the report; the revision stays. A list that says of itself that it is one page of a longer one is refused. With \`If-Match\`, the revision in quotes, nothing is changed unless the inventory is the one that is named.`,
      models: [PodList, Inventory],
      parameters: [
        ...CONDITIONAL_HEADERS.map((name): ParameterObject => ({ name, in: 'header' })),
        {
          name: 'Content-Encoding',
          in: 'header',
          required: false,
          description: 'Says that the request body is compressed.',
          schema: { type: 'string', enum: ['identity', 'gzip'] },
        },
      ],
      requestBody: {
        description: 'The pods of the app. Pods of other namespaces may be among them.',
        required: true,
        content: content([JSON_TYPE], PodList, { pods: { summary: 'A list of one pod', value: POD_LIST } }),
      },
      responses: {
        200: {
          description: 'What came of the pods and containers.',
          headers: headerReferences(['x-correlation-id', 'etag']),
          content: content([JSON_TYPE, `${INVENTORY_TYPE}+json`], Inventory, {
            replaced: { summary: 'A pod with one container was added', value: ANSWER },
          }),
        },
      },
      problems: [
        'QueryParametersNotSupported',
        ...BODY_PROBLEMS,
        'ExtendedValidationFailure',
        'InvalidHeaders',
        'PreconditionNotMet',
        'ResourceNotFound',
        'NotAcceptable',
        'TooManyAtOnce',
      ],
    }),
  );
}
