import { randomUUID } from 'node:crypto';

const IDENTIFIER =
  /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|0{8}-0{4}-0{4}-0{4}-0{12})$/;

/** What an identifier looks like, as a regular expression for schemas. */
export const IDENTIFIER_PATTERN = IDENTIFIER.source;

/** The identifier of internal writers, and of "no app" where a key needs a value. */
export const NULL_IDENTIFIER = '00000000-0000-0000-0000-000000000000';

/**
 * Whether a text is an identifier of the API: UUID version 4 or 5, or the null UUID, lower case (docs/api.md, section
 * 2).
 */
export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text);
}

/** A new identifier: a random UUID version 4. */
export function newIdentifier(): string {
  return randomUUID();
}
