import { SCALARS } from '../collections/scalar-type.js';
import { isIdentifier } from '../http/identifier.js';
import { isTextOf } from '../http/resource-body.js';
import { isEmail } from '../users/dto/user-fields.js';

/** What options of commands accept: each answers what it expected of a bad value, and undefined for a good one. */

export function identifier(value: string): string | undefined {
  return isIdentifier(value) ? undefined : 'an identifier: UUID version 4 or 5, lower case';
}

export function nameOfUpTo63(value: string): string | undefined {
  return isTextOf(1, 63)(value) ? undefined : '1 to 63 characters';
}

export function email(value: string): string | undefined {
  return isEmail(value) ? undefined : 'an e-mail address';
}

export function timestamp(value: string): string | undefined {
  return SCALARS.timestamp.accepts(value) ? undefined : SCALARS.timestamp.expected;
}
