import { ClosedSchema, oneOfField, RequiredField, textField } from '../../rest/resource-field.js';
import { CRITERION_TYPES, type CriterionType } from '../../matching/criterion.js';

/** One criterion of a hook; all criteria must hold for the same container (docs/api.md, section 4). */
@ClosedSchema('What a container has to be like for the hook to run in it.')
export class MatchingCriterion {
  @RequiredField(
    oneOfField(CRITERION_TYPES, {
      enumName: 'CriterionType',
      description:
        'What of a container the regular expression is searched in. A pod label is searched as `name=value`; one matching label is enough.',
      example: 'podLabel',
    }),
  )
  type: CriterionType;

  @RequiredField(
    textField(1, Infinity, {
      description:
        'Regular expression in [RE2 syntax](https://github.com/google/re2/wiki/Syntax), searched anywhere in the text (`^` and `$` anchor it) and case-sensitively.',
      example: '^env=production$',
    }),
  )
  value: string;
}
