import { MetadataUpdate } from '../../../rest/metadata.js';
import {
  identifierField,
  objectField,
  objectsField,
  oneOfField,
  type ResourceField,
} from '../../../rest/resource-field.js';
import { dnsLabelField } from './dns-label.js';
import { NamespaceScopedResource } from './namespace-scoped-resource.js';

/** The fixed values of an app (contract, section 8). */
export const APP_TYPE = 'application/astra-app';
export const APP_VERSIONS = ['2.0', '2.1', '2.2'] as const;
export const INVENTORY_TYPE = 'application/astra-appInventory';

export type AppVersion = (typeof APP_VERSIONS)[number];

/** The fields of an app (contract, section 8), as its classes for create, update and response share them. */
export const APP_FIELDS = {
  type: oneOfField([APP_TYPE], { description: 'Media type of the resource.' }),
  version: oneOfField(APP_VERSIONS, {
    description: 'Version of the resource, stored and returned as it was sent.',
    example: '2.2',
  }),
  id: identifierField({
    description: "Globally unique identifier of the resource. A request that has it must have the path's.",
    example: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9',
  }),
  name: dnsLabelField({
    description: 'Name of the app, a DNS-1123 label. It must be unique in the account.',
    example: 'payroll-east',
  }),
  clusterID: identifierField({
    description: 'ID of the cluster that the app runs in.',
    example: 'b81bdd8f-c2c7-40eb-a602-4af06d3c6e4d',
  }),
  namespaceScopedResources: objectsField(() => NamespaceScopedResource, Infinity, {
    description:
      'The namespaces that belong to the app, which decides what an inventory keeps. Without any, every pod that is sent belongs to the app.',
    example: [{ namespace: 'payroll-east', labelSelectors: ['app.kubernetes.io/instance=payroll'] }],
  }),
  metadata: objectField(() => MetadataUpdate, { description: 'Metadata, of which only the labels can be set.' }),
} satisfies Record<string, ResourceField>;
