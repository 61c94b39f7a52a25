import type { InvalidField } from '../../problems/problem.js';
import type { Criterion } from '../../matching/criterion.js';
import { patternError } from '../../matching/pattern.js';
import type { Values } from '../../rest/resource.js';
import { FAILOVER_VERSION, type HookFields } from './execution-hook.resource.js';

/**
 * The rules of a hook beyond its shape (contract, section 2), on the whole hook: for a PUT, on what the stored hook
 * and the changes give together.
 */
export function brokenRules(
  hook: Pick<Values<HookFields>, 'version' | 'action' | 'stage'> & { readonly matchingCriteria: readonly Criterion[] },
): InvalidField[] {
  const broken: InvalidField[] = [];
  if (hook.stage !== 'post' && (hook.action === 'restore' || hook.action === 'failover')) {
    broken.push({ name: 'stage', reason: `must be "post" for the action "${hook.action}"` });
  }
  if (hook.action === 'failover' && hook.version !== FAILOVER_VERSION) {
    broken.push({ name: 'action', reason: `"failover" needs version ${FAILOVER_VERSION}` });
  }
  hook.matchingCriteria.forEach((criterion, index) => {
    const reason = patternError(criterion.value);
    if (reason !== undefined) broken.push({ name: `matchingCriteria[${index}].value`, reason });
  });
  return broken;
}
