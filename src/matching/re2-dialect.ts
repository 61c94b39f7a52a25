import { isNativeError } from 'node:util/types';
import RE2 from 're2';

/** A text that RE2 refuses as a pattern; the message is RE2's own reason. */
export class InvalidPattern extends Error {
  override readonly name = 'InvalidPattern';
}

/**
 * Compiles an RE2 pattern (docs/api.md, section 4), whatever the binding would make of it.
 *
 * @param flags the binding's: `m` lets `^` and `$` hold at line breaks, `g` replaces all matches
 * @throws InvalidPattern with RE2's own reason, in the words of the pattern as it was written
 */
export function compile(value: string, flags: 'u' | 'um' | 'gum'): RE2 {
  if (LONE_SURROGATE.test(value)) throw new InvalidPattern('invalid UTF-8');
  const { pattern, openFrom } = throughJavaScriptDialect(value);
  try {
    return new RE2(pattern, flags);
  } catch (error) {
    if (!isNativeError(error) || error.name !== 'SyntaxError') throw error;
    throw new InvalidPattern(inTheWordsOf(value, openFrom, error.message), { cause: error });
  }
}

const LONE_SURROGATE = /\p{Surrogate}/u;

interface Rewritten {
  readonly pattern: string;
  /** Where the class, property or group name begins that the pattern does not close. */
  readonly openFrom: number | undefined;
}

/**
 * Rewrites an RE2 pattern so that node-re2 hands RE2 what was meant.
 *
 * node-re2 takes JavaScript's dialect and rewrites it into RE2's before RE2 sees it, knowing nothing of `\Q…\E` and of
 * character classes. What it would change, and what becomes of it here:
 *
 * | RE2 pattern | node-re2 makes it | RE2 itself | rewritten as |
 * |---|---|---|---|
 * | `\cA` | `\x01` | refuses `\c` | the text up to and with `\c`, which RE2 refuses |
 * | `\u0041`, `\u{41}` | `\x{0041}`, `\x{41}` | refuses `\u` | the text up to and with `\u`, which RE2 refuses |
 * | `\p{Letter}`, `\p{Number}`, … | `\pL`, `\pN`, … | refuses the long names | `\p{Script=Letter}`, which node-re2 strips to `\p{Letter}` |
 * | `\p{Script=Greek}`, `\p{sc=Greek}` | `\p{Greek}` | refuses `name=value` | `\p{Script=Script=Greek}`, likewise |
 * | `\Qa/b\E` | `\Qa\/b\E` | `a/b`, not `a\/b` | `a\/b`: quoted text, character by character |
 * | `\Q\pL\u0041(?<\E` | as above, inside the quotes | those characters | likewise |
 * | `[(?<]` | `[(?P<]`, which also holds `P` | `(`, `?`, `<` | `[(?\<]` |
 * | `(?P<n>a)(?P<n>b)` | refused | two groups | `(?P<n>a)(b)`: nobody asks for the groups |
 *
 * What it changes without a difference stays: `/` to `\/` and `(?<n>` to `(?P<n>` outside of quotes and classes. RE2 reads a
 * pattern from left to right and stops at the first error, so the shortened text gives the reason that the whole would.
 */
function throughJavaScriptDialect(value: string): Rewritten {
  if (SAME_IN_BOTH_DIALECTS.test(value)) return { pattern: value, openFrom: undefined };
  const lastClassNameEnd = value.lastIndexOf(':]');
  const lastGroupNameEnd = value.lastIndexOf('>');
  let openFrom: number | undefined;
  const names = new Set<string>();
  const rewritten: string[] = [];
  let inClass = false;
  let firstInClass = false;
  for (let at = 0; at < value.length;) {
    const start = at;
    if (inClass && start > lastClassNameEnd && value.startsWith('[:', start)) {
      // No name without its `:]`. Escaped, because RE2 and this would look for the end of each one to the end of the text.
      rewritten.push('\\[');
      firstInClass = false;
      at += 1;
      continue;
    }
    const item: RegExp = inClass ? CLASS_ITEM : ITEM;
    item.lastIndex = start;
    const match = item.exec(value);
    const text = match?.[0] ?? value.slice(start);
    const { low = text, high = '', name } = match?.groups ?? {};
    if (inClass && !firstInClass && text.startsWith(']')) {
      at += 1;
      inClass = false;
      openFrom = undefined;
      rewritten.push(']');
      continue;
    }
    firstInClass = false;
    at += text.length;
    if (!inClass && start > lastGroupNameEnd && /^\(\?P?</.test(value.slice(start, start + 4))) {
      rewritten.push(value.slice(start));
      openFrom = start;
      break;
    }
    if (REFUSED_ESCAPE.test(low) || REFUSED_ESCAPE.test(high)) {
      rewritten.push(REFUSED_ESCAPE.test(low) ? low : text);
      break;
    }
    if (text.startsWith('\\p{') || text.startsWith('\\P{')) {
      if (!text.endsWith('}')) {
        rewritten.push(text.slice(0, 3));
        openFrom = start;
        break;
      }
      // Not for `\p{}`, from which node-re2 would not strip the prefix.
      rewritten.push(text.length === 4 ? text : `${text.slice(0, 3)}Script=${text.slice(3)}`);
    } else if (inClass) {
      rewritten.push(text.startsWith('<') && value.startsWith('(?', start - 2) ? `\\${text}` : text);
    } else if (name !== undefined && names.has(name)) {
      rewritten.push('(');
    } else {
      if (name !== undefined) names.add(name);
      rewritten.push(text.startsWith('\\Q') ? quoted(text.slice(2).replace(/\\E$/, '')) : text);
      inClass = firstInClass = text.startsWith('[');
      if (inClass) openFrom = start;
    }
  }
  return { pattern: rewritten.join(''), openFrom };
}

/** Most patterns: without named groups, properties, quotes, named classes, and what JavaScript only has. */
const SAME_IN_BOTH_DIALECTS = /^(?:[^\\[(]|\\[^cupPQ]|\((?!\?)|\(\?:|\[\^?[^\\[\]<^][^\\[\]<]*\])*$/s;

/** What stands for itself or begins something, outside of a character class. */
const ITEM = /\\Q[^]*?(?:\\E|$)|\\[pP]\{[^}]*\}?|\\[^]|\[\^?|\(\?P?<(?<name>[^>(]*)>|[^]/uy;

/** A named class, a property, a Perl class, or a character or range: RE2's own order of trying. */
const CLASS_ITEM = /\[:[^]*?:\]|\\[pP](?:\{[^}]*\}?|[^{])|\\[dDsSwW]|(?<low>\\?[^])(?:-(?!\])(?<high>\\?[^]))?/uy;

/** What node-re2 would translate and RE2 refuses. */
const REFUSED_ESCAPE = /^\\[cu]$/;

/** The pattern of a literal text. Nothing at all stays `\Q\E`: it still parts the two operators of `a*\Q\E*`. */
function quoted(text: string): string {
  return text === '' ? '\\Q\\E' : text.replace(/[^0-9A-Za-z\u0080-\u{10ffff}]/gu, '\\$&');
}

/** How much of a pattern a reason quotes, in UTF-16 units: RE2 would quote all of it. */
export const LONGEST_QUOTE = 256;

/** RE2's reason quotes the pattern as RE2 saw it, up to a NUL; this quotes it as it was written. */
function inTheWordsOf(value: string, openFrom: number | undefined, reason: string): string {
  const [, kind, seen] = /^([^:]*): ([^]*)$/.exec(reason) ?? [];
  if (kind === undefined || seen === undefined) return reason;
  const quote = quoteOf(value, openFrom, kind, seen);
  return `${kind}: ${quote.length > LONGEST_QUOTE ? `${quote.slice(0, LONGEST_QUOTE)}…` : quote}`;
}

function quoteOf(value: string, openFrom: number | undefined, kind: string, seen: string): string {
  if (kind === 'missing )' || kind === 'unexpected )') return value;
  if (openFrom !== undefined) {
    const open = value.slice(openFrom);
    if (kind === 'missing ]' || (kind === 'invalid named capture group' && !seen.includes('>'))) return open;
    if (kind === 'invalid character class range' && /^\\[pP]\{$/.test(seen)) return open;
  }
  if (value.includes(seen)) return seen;
  const written = seen
    .replaceAll('\\/', '/')
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\<', '<')
    .replace(/^\\([pP])([^{])$/u, '\\$1{$2}')
    .replace(/^\(\?P$/, '(?<');
  return value.includes(written) ? written : seen;
}
