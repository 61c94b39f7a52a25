import type { Caller } from '../../access/caller.js';
import type { Criterion } from '../../matching/criterion.js';

/**
 * Criteria that hold in the given namespaces only: what a caller must not see, no hook of theirs matches (docs/api.md,
 * section 7). Namespaces are DNS-1123 labels, in which a regular expression finds nothing to interpret.
 *
 * @param namespaces undefined for all of them
 */
export function limitedCriteria(
  criteria: readonly Criterion[],
  namespaces: readonly string[] | undefined,
): readonly Criterion[] {
  if (namespaces === undefined) return criteria;
  return [...criteria, { type: 'namespaceName', value: `^(?:${namespaces.join('|')})$` }];
}

/** A hook as it is matched for the caller. */
export function seenBy<Hook extends { readonly matchingCriteria: readonly Criterion[] }>(
  { namespaces }: Caller,
  hook: Hook,
): Hook {
  return { ...hook, matchingCriteria: limitedCriteria(hook.matchingCriteria, namespaces) };
}
