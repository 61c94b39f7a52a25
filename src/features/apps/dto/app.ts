import { ApiSchema } from '@nestjs/swagger';
import { Metadata } from '../../../rest/metadata.js';
import {
  objectField,
  oneOfField,
  type ResourceField,
  ReturnedField,
  ReturnedWhenSet,
  textField,
  textsField,
  timestampField,
} from '../../../rest/resource-field.js';
import { APP_FIELDS, type APP_TYPE, type AppVersion } from './app-fields.js';
import type { NamespaceScopedResource } from './namespace-scoped-resource.js';

/** What the published resource has and an app of this service never does. */
function alwaysEmpty(description: string): ResourceField {
  return {
    schema: { type: 'array', items: { type: 'object' }, maxItems: 0, description, example: [] },
    rules: [],
  };
}

/** An app as every response shows it (contract, section 8). */
@ApiSchema({ description: 'An app: the containers that execution hooks run in.' })
export class App {
  @ReturnedField(APP_FIELDS.type)
  type: typeof APP_TYPE;

  @ReturnedField(APP_FIELDS.version)
  version: AppVersion;

  @ReturnedField(APP_FIELDS.id)
  id: string;

  @ReturnedField(APP_FIELDS.name)
  name: string;

  @ReturnedField(alwaysEmpty('Links of the app: none.'))
  links: object[];

  @ReturnedField(oneOfField(['ready'], { description: 'State of the app.' }))
  state: 'ready';

  @ReturnedField(alwaysEmpty('Details of the state: none.'))
  stateDetails: object[];

  @ReturnedField(oneOfField(['none'], { description: 'Whether the app is protected: this service does not know.' }))
  protectionState: 'none';

  @ReturnedField(alwaysEmpty('Details of the protection state: none.'))
  protectionStateDetails: object[];

  @ReturnedField(APP_FIELDS.namespaceScopedResources)
  namespaceScopedResources: NamespaceScopedResource[];

  @ReturnedField(
    textsField(Infinity, 1, 63, {
      description: 'The namespaces of `namespaceScopedResources`; without any there, those of the inventory.',
      example: ['payroll-east'],
    }),
  )
  namespaces: string[];

  @ReturnedWhenSet(
    textField(0, Infinity, {
      description: 'Name of the cluster; its ID where no name is known.',
      example: 'payroll-cluster',
    }),
  )
  clusterName?: string;

  @ReturnedWhenSet(APP_FIELDS.clusterID)
  clusterID?: string;

  @ReturnedWhenSet(textField(0, Infinity, { description: 'Type of the cluster, when known.', example: 'kubernetes' }))
  clusterType?: string;

  @ReturnedWhenSet(timestampField('When the inventory last changed.'))
  lastResourceCollectionTimestamp?: string;

  @ReturnedField(objectField(() => Metadata, { description: 'Metadata of the resource.' }))
  metadata: Metadata;
}
