import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, OptionalField, RequiredField } from '../../../rest/resource-field.js';
import { APP_FIELDS, type APP_TYPE, type AppVersion } from './app-fields.js';
import type { NamespaceScopedResource } from './namespace-scoped-resource.js';

/** The body of a POST (contract, section 8). */
@ClosedSchema('The app to create.')
export class CreateApp {
  @RequiredField(APP_FIELDS.type)
  type: typeof APP_TYPE;

  @RequiredField(APP_FIELDS.version)
  version: AppVersion;

  @RequiredField(APP_FIELDS.name)
  name: string;

  @OptionalField(APP_FIELDS.clusterID)
  clusterID?: string;

  @OptionalField(APP_FIELDS.namespaceScopedResources)
  namespaceScopedResources?: NamespaceScopedResource[];

  @OptionalField(APP_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
