import type { Criterion } from '../../src/matching/criterion.js';
import { WORDS } from './generated-pods.js';

/**
 * How much of the inventory criteria select: nearly all of it, about half of it in no pattern (every value has to be
 * tested by itself), or about one container of a hundred.
 */
export const BREADTHS = ['broad', 'scattered', 'selective'] as const;

/** One of {@link BREADTHS}. */
export type Breadth = (typeof BREADTHS)[number];

/** How many criteria a hook has: the most that it may have are ten (docs/api.md, section 2). */
export const CRITERIA_COUNTS = [1, 3, 10] as const;

/**
 * The criteria of one hook, in ten hooks in a row each of them as often as the others: patterns that nobody has compiled
 * before, so that a cold match is cold.
 *
 * @param hook from 0 on; from 50 on the criteria select what those of fifty hooks before do, with other patterns. Only plain
 *   texts, which are not compiled, are the same again from 100 on.
 */
export function criteriaOf(breadth: Breadth, count: (typeof CRITERIA_COUNTS)[number], hook: number): Criterion[] {
  const all = allOf(hook)[breadth];
  return Array.from({ length: count }, (_, index) => all[(hook + index) % all.length] ?? []).flat();
}

/** One criterion on the pod name, which is another for each container: a dictionary is of no use. */
export function podNameCriterionOf(breadth: Breadth, hook: number): Criterion[] {
  return allOf(hook)[breadth].slice(2, 3);
}

function allOf(hook: number): Readonly<Record<Breadth, readonly Criterion[]>> {
  const word = WORDS[hook % WORDS.length] ?? '';
  const other = WORDS[(hook + 17) % WORDS.length] ?? '';
  // No container has a word with a number.
  const again = hook < WORDS.length ? '' : `|^${word}${Math.floor(hook / WORDS.length)}`;
  const all = patternsOf(word, other);
  const others = ({ type, value }: Criterion): Criterion => ({
    type,
    value: again !== '' && isPlainText(value) ? value.replace(/\$$/, '') : `${value}${again}`,
  });
  return {
    broad: all.broad.map(others),
    scattered: all.scattered.map(others),
    selective: all.selective.map(others),
  };
}

/** Such criteria are to stay what they are: a text, not a pattern to compile. */
function isPlainText(value: string): boolean {
  return !/[[(|+*]/.test(value);
}

function patternsOf(word: string, other: string): Readonly<Record<Breadth, readonly Criterion[]>> {
  return {
    broad: [
      { type: 'containerImage', value: `^(?:docker|quay)\\.io/|^registry\\.|${word}` },
      { type: 'podLabel', value: `^app\\.kubernetes\\.io/name=(?:[a-z]+|${word})$` },
      { type: 'podName', value: `^[a-z]+-[a-z]+-\\d+-|^${word}$` },
      { type: 'namespaceName', value: `-(?:production|staging|testing|development|${word})$` },
      { type: 'containerName', value: `^[a-z]|${word}` },
      { type: 'podName', value: `-[a-z2-9]{5}$|^${word}` },
      { type: 'containerImage', value: `:\\d+\\.\\d+\\.\\d+$|${word}` },
      { type: 'podLabel', value: `^pod-template-hash=[a-z0-9]+|^${word}` },
      { type: 'namespaceName', value: `^(?:payments|shop|platform|data|content|${word})-` },
      { type: 'podLabel', value: `^app\\.kubernetes\\.io/(?:component|${word})=[a-z]` },
    ],
    scattered: [
      { type: 'containerImage', value: `^(?:docker|quay)\\.io/|${word}` },
      { type: 'podLabel', value: `^pod-template-hash=[b-v2-9]|^${word}` },
      { type: 'podName', value: `[b-m2-5][b-z2-9]$|^${word}$` },
      { type: 'namespaceName', value: `-(?:production|staging|testing|${word})$` },
      { type: 'containerName', value: `^[a-w]|${word}` },
      { type: 'podName', value: `-[b-z][b-z2-9]{4}$|^${word}$` },
      { type: 'containerImage', value: `:\\d+\\.\\d+\\.\\d+$|${word}` },
      { type: 'podLabel', value: `^app\\.kubernetes\\.io/instance=[a-z]+-[a-z]+-\\d*[0-7]$|^${word}` },
      { type: 'namespaceName', value: `^(?:payments|shop|platform|data|${word})-` },
      { type: 'podLabel', value: `^app\\.kubernetes\\.io/name=(?:[a-z]+|${word})$` },
    ],
    selective: [
      { type: 'containerImage', value: `\\b(?:${word}|${other})\\b` },
      { type: 'podLabel', value: `^app\\.kubernetes\\.io/name=${word}$` },
      { type: 'podName', value: `^${word}-[a-z]+-\\d*[0-4]\\d-` },
      { type: 'namespaceName', value: `-(?:production|staging|testing|${word})$` },
      { type: 'containerName', value: `^(?:${word}|${other})$` },
      { type: 'podName', value: `-[b-z2-9]{5}$|^${word}$` },
      { type: 'containerImage', value: `/${word}:\\d+\\.\\d+` },
      { type: 'podLabel', value: `^pod-template-hash=[a-z0-9]+|^${word}` },
      { type: 'namespaceName', value: `^(?:payments|shop|platform|data|${word})-` },
      { type: 'podLabel', value: `^app\\.kubernetes\\.io/component=(?:api|database|cache|web|${word})$` },
    ],
  };
}
