import { ApiSchema } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import {
  ClosedSchema,
  identifierField,
  IgnoredField,
  objectsField,
  OptionalField,
  RequiredField,
  type ResourceField,
  ReturnedField,
  ReturnedWhenSet,
  textField,
  timestampField,
} from './resource-field.js';

/** A text of any length. */
function labelPart(description: string, example: string): ResourceField {
  return { ...textField(0, Infinity, { description, example }), rules: [IsString({ message: 'must be a string' })] };
}

/** A label that a client attaches to a resource (seeds: `type_astra_label`). */
@ClosedSchema('A label.')
export class Label {
  @RequiredField(labelPart('Name of the label.', 'team'))
  name: string;

  @RequiredField(labelPart('Value of the label.', 'payments'))
  value: string;
}

const LABELS = objectsField(() => Label, Infinity, {
  description: 'The labels of the resource. A request replaces all of them; left out, they are kept.',
  example: [],
});

/** The `metadata` of a request: only `labels` is the client's to set (seeds: `type_astra_metadata_update`). */
@ClosedSchema(
  'Metadata of a resource. Left out when the resource is created, it has no labels. Left out when the resource is modified, everything is kept.',
)
export class MetadataUpdate {
  @OptionalField(LABELS)
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

/** The `metadata` of a response (contract, section 3). */
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
