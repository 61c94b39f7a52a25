import type { InvalidField } from '../../problems/problem.js';
import type { Criterion } from '../../matching/criterion.js';
import { patternError } from '../../matching/pattern.js';
import type { Values } from '../../rest/resource.js';
import { FAILOVER_VERSION, type HookFields } from './execution-hook.resource.js';

/**
 * The rules of a hook beyond its shape (docs/api.md, section 2), on the whole hook: for a PUT, on what the stored hook
 * and the changes give together.
 */
export function brokenRules(
  hook: Pick<Values<HookFields>, 'version' | 'action' | 'stage'> & {
    readonly matchingCriteria: readonly Criterion[];
    readonly excludingCriteria?: readonly Criterion[] | null;
  },
): InvalidField[] {
  const broken: InvalidField[] = [];
  if (hook.stage !== 'post' && (hook.action === 'restore' || hook.action === 'failover')) {
    broken.push({ name: 'stage', reason: `must be "post" for the action "${hook.action}"` });
  }
  if (hook.action === 'failover' && hook.version !== FAILOVER_VERSION) {
    broken.push({ name: 'action', reason: `"failover" needs version ${FAILOVER_VERSION}` });
  }
  return [
    ...broken,
    ...brokenPatterns('matchingCriteria', hook.matchingCriteria),
    ...brokenPatterns('excludingCriteria', hook.excludingCriteria ?? []),
  ];
}

/** The criteria whose values are not RE2's, with RE2's own reason (docs/api.md, section 4). */
export function brokenPatterns(field: string, criteria: readonly Criterion[]): InvalidField[] {
  return criteria.flatMap(({ value }, index) => {
    const reason = patternError(value);
    return reason === undefined ? [] : [{ name: `${field}[${index}].value`, reason }];
  });
}
