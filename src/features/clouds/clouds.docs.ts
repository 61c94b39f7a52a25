import { applyDecorators, Header } from '@nestjs/common';
import { JSON_TYPE } from '../../rest/media-types.js';
import { headerReferences } from '../../rest/openapi/headers.js';
import { content, Documented } from '../../rest/openapi/operations.js';
import { CloudList, CLOUDS_TYPE } from './dto/cloud-list.js';

/** GET of the clouds: 200, always JSON (contract, section 3), whatever parameters are sent. */
export function ListsClouds(): MethodDecorator {
  return applyDecorators(
    Header('content-type', JSON_TYPE),
    Documented({
      operationId: 'listClouds',
      summary: 'List all clouds',
      description: 'Returns an empty collection, whatever `Accept` and the query ask for.',
      models: [CloudList],
      responses: {
        200: {
          description: 'No clouds.',
          headers: headerReferences(['x-correlation-id']),
          content: content([JSON_TYPE], CloudList, {
            empty: {
              summary: 'No clouds',
              value: {
                type: CLOUDS_TYPE,
                version: '1.0',
                items: [],
                metadata: {
                  labels: [],
                  creationTimestamp: '2022-10-06T20:58:16.305662Z',
                  modificationTimestamp: '2022-10-06T20:58:16.305662Z',
                  createdBy: '8f84cf09-8036-51e4-b579-bd30cb07b269',
                },
              },
            },
          }),
        },
      },
      problems: ['CollectionNotFound'],
    }),
  );
}
