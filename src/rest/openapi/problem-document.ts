import { ApiProperty, ApiSchema } from '@nestjs/swagger';

/** One offending field of a request body (`invalidFields` of the published API). */
@ApiSchema({ name: 'InvalidField', description: 'An invalid field of the request body.' })
export class InvalidFieldDocument {
  @ApiProperty({
    type: 'string',
    description: 'Name of the field, with its path when it is nested.',
    example: 'matchingCriteria[2].type',
  })
  name: string;

  @ApiProperty({ type: 'string', description: 'Reason why the field is invalid.', example: 'is required' })
  reason: string;
}

/** One offending query parameter (`invalidParams` of the published API). */
@ApiSchema({ name: 'InvalidParam', description: 'An invalid query parameter.' })
export class InvalidParamDocument {
  @ApiProperty({ type: 'string', description: 'Name of the query parameter.', example: 'limit' })
  name: string;

  @ApiProperty({
    type: 'string',
    description: 'Reason why the query parameter is invalid.',
    example: 'expected an integer from 1 to 2147483647 in decimal digits, found "0"',
  })
  reason: string;
}

/** The body of every answer that is not a success (docs/api.md, section 6). */
@ApiSchema({ name: 'Problem', description: 'Why a request was refused or failed: problem details of RFC 9457.' })
export class ProblemDocument {
  @ApiProperty({
    type: 'string',
    format: 'uri',
    pattern: '^(?:https://astra\\.netapp\\.io/problems/[1-9][0-9]*|about:blank)$',
    description: 'Which problem it is; `about:blank` where the status says all.',
    example: 'https://astra.netapp.io/problems/8',
  })
  type: string;

  @ApiProperty({ type: 'string', description: 'The problem in short.', example: 'Invalid JSON resource' })
  title: string;

  @ApiProperty({
    type: 'string',
    description: 'The problem in a sentence.',
    example: "The request body JSON doesn't conform to the schema.",
  })
  detail: string;

  @ApiProperty({
    type: 'string',
    pattern: '^[45][0-9]{2}$',
    description: 'The HTTP status, as a string.',
    example: '400',
  })
  status: string;

  @ApiProperty({
    type: 'string',
    minLength: 1,
    maxLength: 128,
    description: "The answer's `X-Correlation-ID`, under which the log of the service has more.",
    example: '2d1c5f3e-7f7e-4a52-8d3b-6d1c3a4b5c6d',
  })
  correlationID: string;

  @ApiProperty({
    required: false,
    type: [InvalidFieldDocument],
    description: 'Every invalid field of the request body.',
  })
  invalidFields?: InvalidFieldDocument[];

  @ApiProperty({ required: false, type: [InvalidParamDocument], description: 'Every invalid query parameter.' })
  invalidParams?: InvalidParamDocument[];

  @ApiProperty({
    required: false,
    type: 'string',
    description: 'The invalid fields once more, as one text.',
    example: 'matchingCriteria[2].type: is required',
  })
  schemaValidationFailure?: string;
}
