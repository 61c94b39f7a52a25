import type { OpenAPIObject } from '@nestjs/swagger';
import openapiTS, { astToString, COMMENT_HEADER, type OpenAPI3 } from 'openapi-typescript';

/** The TypeScript types of the API by its OpenAPI document, as `openapi.d.ts` has them. */
export async function clientTypes(document: OpenAPIObject): Promise<string> {
  // Both describe the same format; the generator reads OpenAPI 3.1 too.
  const nodes = await openapiTS(structuredClone(document) as unknown as OpenAPI3, {
    // A default says what leaving a field out stands for; it does not make the field required.
    defaultNonNullable: false,
  });
  return COMMENT_HEADER + astToString(nodes);
}
