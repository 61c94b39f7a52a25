import { ApiProperty } from '@nestjs/swagger';
import { OneOf, Text } from '../../http/resource-body.js';
import { CRITERION_TYPES, type CriterionType } from '../../matching/criterion.js';

/** One criterion of a hook; all criteria must hold for the same container (contract, section 4). */
export class MatchingCriterion {
  @ApiProperty({
    enum: CRITERION_TYPES,
    enumName: 'CriterionType',
    description: 'What of a container the regular expression is searched in. podLabel is searched as `name=value`.',
    example: 'podLabel',
  })
  @OneOf(CRITERION_TYPES)
  type: CriterionType;

  @ApiProperty({
    minLength: 1,
    description: 'RE2 regular expression, searched unanchored and case-sensitively.',
    externalDocs: { url: 'https://github.com/google/re2/wiki/Syntax', description: 'RE2 syntax' },
    example: '^env=production$',
  })
  @Text(1, Infinity)
  value: string;
}
