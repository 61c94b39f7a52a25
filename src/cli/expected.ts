import { SCALARS } from '../query/scalar-type.js';
import { isIdentifier } from '../query/identifier.js';
import { isTextOf } from '../rest/resource-body.js';
import { isEmail } from '../features/users/user.resource.js';

// What options of commands accept: each answers what it expected of a bad value, and undefined for a good one.

/** An identifier of the API (contract, section 2). */
export function identifier(value: string): string | undefined {
  return isIdentifier(value) ? undefined : 'an identifier: UUID version 4 or 5, lower case';
}

/** A name as most resources have it: 1 to 63 code points. */
export function nameOfUpTo63(value: string): string | undefined {
  return isTextOf(1, 63)(value) ? undefined : '1 to 63 characters';
}

/** An e-mail address as the API takes it for a user. */
export function email(value: string): string | undefined {
  return isEmail(value) ? undefined : 'an e-mail address';
}

/** A point in time, RFC 3339, as filters take it (contract, section 3). */
export function timestamp(value: string): string | undefined {
  return SCALARS.timestamp.accepts(value) ? undefined : SCALARS.timestamp.expected;
}
