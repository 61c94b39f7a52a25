import { type Field, identifierField, jsonField, memberField, timestampField } from './field.js';

/** The fields of `metadata` (docs/api.md, section 3) of a table that has the columns of it, by the table's alias. */
export function metadataFields(alias: string): Readonly<Record<string, Field>> {
  return {
    'metadata.labels': jsonField(`${alias}.labels`),
    'metadata.labels[*].name': memberField(`${alias}.labels`, 'name'),
    'metadata.labels[*].value': memberField(`${alias}.labels`, 'value'),
    'metadata.creationTimestamp': timestampField(`${alias}.created_at`),
    'metadata.modificationTimestamp': timestampField(`${alias}.modified_at`),
    'metadata.createdBy': identifierField(`${alias}.created_by`),
    'metadata.modifiedBy': identifierField(`${alias}.modified_by`, { nullable: true }),
  };
}
