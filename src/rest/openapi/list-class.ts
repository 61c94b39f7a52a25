import { ApiSchema, getSchemaPath, OmitType } from '@nestjs/swagger';
import { Metadata } from '../metadata.js';
import type { ResourceClass } from '../resource-body.js';
import { objectField, oneOfField, type ResourceField, ReturnedField, ReturnedWhenSet } from '../resource-field.js';
import type { DocumentedItems } from './documented-resource.js';

/** The `metadata` of a collection (docs/api.md, section 5; `type_astra_metadata_list` of the published API). */
@ApiSchema({ description: 'Metadata of a collection, which is made when it is asked for.' })
export class ListMetadata extends OmitType(Metadata, ['modifiedBy']) {
  @ReturnedWhenSet({
    schema: {
      type: 'string',
      pattern: '^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
      description: 'Token for the next page. Left out on the last one.',
      example: 'WyIyMDIwIl0=',
    },
    rules: [],
  })
  continue?: string;

  @ReturnedWhenSet({
    schema: {
      type: 'integer',
      minimum: 0,
      description: 'How many items match the filter, whatever the page. Only when `count=true` asks for it.',
      example: 2,
    },
    rules: [],
  })
  count?: number;
}

/** The name of the schema of a collection's envelope. */
export function listName({ term }: Pick<DocumentedItems, 'term'>): string {
  return `${term.charAt(0).toUpperCase()}${term.slice(1)}List`;
}

/** The class that documents the envelope of a collection (docs/api.md, section 5). */
export function listClass(
  items: Pick<DocumentedItems, 'term' | 'noun' | 'resource' | 'collection'>,
): ResourceClass<object> {
  const { noun, resource, collection } = items;
  class List {
    items: object[];
  }
  ApiSchema({ name: listName(items), description: `A collection of ${noun}s.` })(List);
  const fields: Readonly<Record<string, ResourceField>> = {
    type: oneOfField([collection.type], { description: 'Media type of the collection.' }),
    version: oneOfField([collection.version], { description: 'Version of the collection.' }),
    items: {
      schema: {
        type: 'array',
        items: {
          anyOf: [{ $ref: getSchemaPath(resource) }, { type: 'array', items: {} }],
        },
        description:
          'All matching resources. When `include` asks for certain fields, each item is an array of their values, in that order.',
      },
      rules: [],
    },
    metadata: objectField(() => ListMetadata, { description: 'Metadata of the collection.' }),
  };
  for (const [name, field] of Object.entries(fields)) ReturnedField(field)(List.prototype, name);
  return List;
}
