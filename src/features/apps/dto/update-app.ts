import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, IgnoredField, OptionalField, RequiredField } from '../../../rest/resource-field.js';
import { APP_FIELDS, type APP_TYPE, type AppVersion } from './app-fields.js';
import type { NamespaceScopedResource } from './namespace-scoped-resource.js';

/** The body of a PUT: what it leaves out is kept (contract, section 8). */
@ClosedSchema('What of the app to replace. What is left out is kept.')
export class UpdateApp {
  @RequiredField(APP_FIELDS.type)
  type: typeof APP_TYPE;

  @RequiredField(APP_FIELDS.version)
  version: AppVersion;

  @OptionalField(APP_FIELDS.id)
  id?: string;

  @OptionalField(APP_FIELDS.name)
  name?: string;

  @OptionalField(APP_FIELDS.clusterID)
  clusterID?: string;

  @OptionalField(APP_FIELDS.namespaceScopedResources)
  namespaceScopedResources?: NamespaceScopedResource[];

  @IgnoredField()
  namespaces?: unknown;

  @IgnoredField()
  clusterName?: unknown;

  @IgnoredField()
  clusterType?: unknown;

  @IgnoredField()
  links?: unknown;

  @IgnoredField()
  state?: unknown;

  @IgnoredField()
  stateDetails?: unknown;

  @IgnoredField()
  protectionState?: unknown;

  @IgnoredField()
  protectionStateDetails?: unknown;

  @IgnoredField()
  lastResourceCollectionTimestamp?: unknown;

  @OptionalField(APP_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
