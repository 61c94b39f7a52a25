/** What is wrong with one query parameter; `parseCollectionQuery` gathers these into the problem. */
export class InvalidParameter extends Error {
  constructor(readonly reasons: readonly [string, ...string[]]) {
    super(reasons.join('; '));
  }
}

/** Throws an InvalidParameter of all reasons gathered, or returns when there are none. */
export function refuseIfAny(reasons: readonly string[]): void {
  const [first, ...others] = reasons;
  if (first !== undefined) throw new InvalidParameter([first, ...others]);
}

/** A text of a client inside a reason: quoted, and cut where it is long. */
export function shown(text: string): string {
  const start = text.slice(0, 2 * MAX_SHOWN);
  const points = Array.from(start);
  const cut = points.length > MAX_SHOWN || start.length < text.length;
  return `"${points.slice(0, MAX_SHOWN).join('')}${cut ? '…' : ''}"`;
}

/** Position of a UTF-16 index of a text as a person counts: characters, from 1. */
export function position(text: string, index: number): number {
  return Array.from(text.slice(0, index)).length + 1;
}

/** Code points of a client's text that a reason repeats. */
const MAX_SHOWN = 40;
