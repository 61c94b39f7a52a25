import { InvalidArgumentError } from '@commander-js/extra-typings';
import { isEmail } from '../features/users/user.resource.js';
import { isIdentifier } from '../query/identifier.js';
import { SCALARS } from '../query/scalar-type.js';
import { isTextOf } from '../rest/resource-body.js';
import { type Role, ROLES } from '../settings/role.js';

// What options of commands accept: each hands a good value on and says what it expected of a bad one.

function text(expected: string, accepts: (value: string) => boolean): (value: string) => string {
  return (value) => {
    if (!accepts(value)) throw new InvalidArgumentError(`expected ${expected}.`);
    return value;
  };
}

/** An identifier of the API (docs/api.md, section 2). */
export const identifier = text('an identifier: UUID version 4 or 5, lower case', isIdentifier);

/** A name as most resources have it: 1 to 63 code points. */
export const nameOfUpTo63 = text('1 to 63 characters', isTextOf(1, 63));

/** An e-mail address as the API takes it for a user. */
export const email = text('an e-mail address', isEmail);

/** A role in an account (docs/api.md, section 7). */
export function role(value: string): Role {
  const known = ROLES.find((each) => each === value);
  if (known === undefined) throw new InvalidArgumentError(`expected one of ${ROLES.join(', ')}.`);
  return known;
}

/** A point in time, RFC 3339, as filters take it (docs/api.md, section 5). */
export const timestamp = text(SCALARS.timestamp.expected, SCALARS.timestamp.accepts);
