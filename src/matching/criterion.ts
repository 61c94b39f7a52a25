/** What a criterion is tested against (docs/api.md, section 4). `podLabel` is tested against each label as `name=value`. */
export const CRITERION_TYPES = ['containerImage', 'containerName', 'podName', 'podLabel', 'namespaceName'] as const;

/** One of {@link CRITERION_TYPES}. */
export type CriterionType = (typeof CRITERION_TYPES)[number];

/** One member of a hook's `matchingCriteria`: `value` is an RE2 pattern, searched for in what `type` names. */
export interface Criterion {
  readonly type: CriterionType;
  readonly value: string;
}

const types: ReadonlySet<unknown> = new Set(CRITERION_TYPES);

/** Whether `value` is one of the five criterion types, spelled exactly so. */
export function isCriterionType(value: unknown): value is CriterionType {
  return types.has(value);
}

/** Whether `value` has the shape of a criterion; whether its pattern is RE2 is `patternError`'s business. */
export function isCriterion(value: unknown): value is Criterion {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    isCriterionType(value.type) &&
    'value' in value &&
    typeof value.value === 'string' &&
    value.value !== ''
  );
}
