import type { InvalidField } from '../problems/problem.js';

/** How deep a request body may nest; the deepest resource of the API has 4 levels. */
export const MAX_DEPTH = 32;

/** At most this many offending fields are listed in one answer, so that a hostile body cannot make a huge one. */
export const MAX_INVALID_FIELDS = 100;

const MALFORMED_TEXT = 'must be well-formed Unicode without NUL';

/**
 * What of a parsed body no field of any resource may hold, whatever its schema: texts with a NUL or a lone surrogate
 * (Postgres stores neither) and nesting beyond `MAX_DEPTH`. Walks without recursion: the body is the caller's.
 */
export function unstorableFields(body: unknown): InvalidField[] {
  const invalid: InvalidField[] = [];
  const stack: { value: unknown; path: string; depth: number }[] = [{ value: body, path: '', depth: 0 }];
  for (let next = stack.pop(); next !== undefined && invalid.length < MAX_INVALID_FIELDS; next = stack.pop()) {
    const { value, path, depth } = next;
    if (typeof value === 'string') {
      if (!isStorableText(value)) invalid.push({ name: path === '' ? 'body' : path, reason: MALFORMED_TEXT });
    } else if (typeof value === 'object' && value !== null) {
      if (depth === MAX_DEPTH) {
        invalid.push({ name: path, reason: `must not nest deeper than ${MAX_DEPTH} levels` });
        continue;
      }
      if (Array.isArray(value)) {
        for (let index = value.length - 1; index >= 0; index--) {
          stack.push({ value: value[index], path: `${path}[${index}]`, depth: depth + 1 });
        }
      } else {
        for (const [key, member] of Object.entries(value).reverse()) {
          stack.push({ value: member, path: path === '' ? key : `${path}.${key}`, depth: depth + 1 });
        }
      }
    }
  }
  return invalid.map(({ name, reason }) => ({ name: name.toWellFormed(), reason }));
}

/** Whether Postgres can keep a text as it is: no NUL, no lone surrogate. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
