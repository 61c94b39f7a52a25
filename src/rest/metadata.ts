import { ApiSchema } from '@nestjs/swagger';
import { rule } from './resource-body.js';
import {
  ClosedSchema,
  identifierField,
  IgnoredField,
  objectsField,
  OptionalField,
  RequiredField,
  ReturnedField,
  ReturnedWhenSet,
  textField,
  timestampField,
} from './resource-field.js';

/** The most labels of a resource. */
const MAX_LABELS = 256;

/** A label that a client attaches to a resource (docs/api.md, section 3). */
@ClosedSchema('A label.')
export class Label {
  @RequiredField(textField(1, 255, { description: 'Name of the label.', example: 'team' }))
  name: string;

  @RequiredField(textField(0, 1024, { description: 'Value of the label.', example: 'payments' }))
  value: string;
}

const LABELS = objectsField(() => Label, MAX_LABELS, {
  description: 'The labels of the resource, each name once. A request replaces all of them; left out, they are kept.',
  example: [],
});

/** What is no list of labels is for other rules to say. */
const EACH_NAME_ONCE = rule('eachNameOnce', 'must have each name once', (labels) => {
  if (!Array.isArray(labels)) return true;
  const names = labels.map((label: unknown) => (label as { readonly name?: unknown } | null)?.name);
  return new Set(names).size === names.length;
});

/**
 * The `metadata` of a request: only `labels` is the client's to set (`type_astra_metadata_update` of the published
 * API).
 */
@ClosedSchema(
  'Metadata of a resource. Left out when the resource is created, it has no labels. Left out when the resource is modified, everything is kept.',
)
export class MetadataUpdate {
  @OptionalField({ ...LABELS, rules: [...LABELS.rules, EACH_NAME_ONCE] })
  labels?: Label[];

  @IgnoredField()
  creationTimestamp?: unknown;

  @IgnoredField()
  modificationTimestamp?: unknown;

  @IgnoredField()
  createdBy?: unknown;

  @IgnoredField()
  modifiedBy?: unknown;
}

/** The `metadata` of a response (docs/api.md, section 3). */
@ApiSchema({ description: 'Metadata of a resource, set by the client (labels) and by the service (the rest).' })
export class Metadata {
  @ReturnedField(LABELS)
  labels: Label[];

  @ReturnedField(timestampField('When the resource was created.'))
  creationTimestamp: string;

  @ReturnedField(timestampField('When the resource was last modified.'))
  modificationTimestamp: string;

  @ReturnedField(
    identifierField({
      description: 'ID of the user who created the resource; the null UUID for the service itself.',
      example: '8f84cf09-8036-51e4-b579-bd30cb07b269',
    }),
  )
  createdBy: string;

  @ReturnedWhenSet(
    identifierField({
      description: 'ID of the user who last modified the resource; the null UUID for the service itself.',
      example: '8f84cf09-8036-51e4-b579-bd30cb07b269',
    }),
  )
  modifiedBy?: string;
}
