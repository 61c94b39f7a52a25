import { isIdentifier } from '../http/identifier.js';
import { isTextOf } from '../http/resource-body.js';

/** What options of commands accept: each answers what it expected of a bad value, and undefined for a good one. */

export function identifier(value: string): string | undefined {
  return isIdentifier(value) ? undefined : 'an identifier: UUID version 4 or 5, lower case';
}

export function nameOfUpTo63(value: string): string | undefined {
  return isTextOf(1, 63)(value) ? undefined : '1 to 63 characters';
}

export function email(value: string): string | undefined {
  return /^[^\s@]+@[^\s@]+$/.test(value) && value.length <= 254 ? undefined : 'an e-mail address';
}
