import { ApiSchema } from '@nestjs/swagger';
import { objectField, oneOfField, ReturnedField } from '../../../rest/resource-field.js';
import { ListMetadata } from '../../../rest/openapi/list-class.js';

/** The media type of the clouds of an account, without `+json`. */
export const CLOUDS_TYPE = 'application/astra-clouds';

/** The clouds of an account: none (contract, section 1). */
@ApiSchema({ description: 'The clouds of an account: none.' })
export class CloudList {
  @ReturnedField(oneOfField([CLOUDS_TYPE], { description: 'Media type of the collection.' }))
  type: typeof CLOUDS_TYPE;

  @ReturnedField(oneOfField(['1.0'], { description: 'Version of the collection.' }))
  version: '1.0';

  @ReturnedField({
    schema: { type: 'array', items: { type: 'object' }, maxItems: 0, description: 'None.', example: [] },
    rules: [],
  })
  items: object[];

  @ReturnedField(objectField(() => ListMetadata, { description: 'Metadata of the collection.' }))
  metadata: ListMetadata;
}
