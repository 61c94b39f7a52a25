import * as v from 'valibot';
import { isIdentifier } from '../query/identifier.js';
import { type Role, ROLES } from './role.js';

/** Signatures that need no shared secret: a party that can check these tokens cannot make them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

/** A value that passes a check. The reason is told to the operator, so it never holds the value. */
function passes<Value>(reason: string, holds: (value: unknown) => boolean): v.GenericSchema<Value, Value> {
  return v.custom<Value>(holds, reason);
}

/** A text of 1 to `maximum` Unicode code points that PostgreSQL can store. */
function text(maximum: number): v.GenericSchema<string, string> {
  return passes(`must be a string of 1 to ${maximum} characters`, (value) => {
    if (typeof value !== 'string' || value.includes('\0') || !value.isWellFormed()) return false;
    return value !== '' && Array.from(value).length <= maximum;
  });
}

function wholeSeconds(maximum: number): v.GenericSchema<number, number> {
  const holds = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maximum;
  return passes(`must be a whole number from 0 to ${maximum}`, holds);
}

function isSecureUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname));
}

function isRoleMap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((role) => ROLES.some((known) => known === role));
}

const claim = text(255);
const algorithmCount = `must be an array of 1 to ${ALGORITHMS.length} items`;

const FIELDS = {
  /** The `iss` of its tokens. */
  issuer: text(2048),
  /** The `aud` that its tokens must have. */
  audience: text(255),
  /** Where its public keys are: `jwks_uri` of its discovery document. */
  jwksUrl: passes<string>('must be an https:// URL (http:// only of this machine)', isSecureUrl),
  algorithms: v.optional(
    v.pipe(
      v.array(v.picklist(ALGORITHMS, `must be one of ${ALGORITHMS.join(', ')}`), algorithmCount),
      v.minLength(1, algorithmCount),
      v.maxLength(ALGORITHMS.length, algorithmCount),
    ),
    ['RS256', 'PS256', 'ES256', 'EdDSA'],
  ),
  /** The account in which its users have the role that their token says. */
  accountID: passes<string>(
    'must be an identifier: UUID version 4 or 5, lower case',
    (value) => typeof value === 'string' && isIdentifier(value),
  ),
  /** The claim that names the user, for ever and for nobody else. */
  userClaim: v.optional(claim, 'sub'),
  emailClaim: v.optional(claim, 'email'),
  firstNameClaim: v.optional(claim, 'given_name'),
  lastNameClaim: v.optional(claim, 'family_name'),
  /** The claim with the values that `roles` maps: a text or an array of texts. `a.b` is member `b` of claim `a`. */
  roleClaim: v.optional(claim),
  /** Value of the role claim → role; of several the highest. */
  roles: v.optional(
    passes<Readonly<Record<string, Role>>>(`must be an object whose values are among ${ROLES.join(', ')}`, isRoleMap),
    {},
  ),
  /** The role of a user who has none by `roles`; without it such a token has none in this account. */
  defaultRole: v.optional(v.picklist(ROLES, `must be one of ${ROLES.map((role) => `"${role}"`).join(', ')}`)),
  /** How far the clocks of issuer and service may be apart. */
  clockSkewSeconds: v.optional(wholeSeconds(300), 5),
  /** The longest life of a token that a JWT of the issuer makes; 0 where it may make none. */
  tokenLifetimeSeconds: v.optional(wholeSeconds(31_536_000), 0),
  /** The least time between two fetches of its keys, however many tokens name a key that is not known. */
  jwksCooldownSeconds: v.optional(wholeSeconds(86_400), 30),
};

const oidcIssuer = v.objectWithRest(FIELDS, v.never('is not a field of this resource'), ({ expected }) =>
  expected === 'Object' ? 'must be a JSON object' : 'is required',
);

/** An OpenID Connect issuer whose tokens let users in, and how its claims are read (docs/api.md, section 7). */
export type OidcIssuer = v.InferOutput<v.ObjectSchema<typeof FIELDS, undefined>>;

/** A JSON array of issuers, each named once. The reasons of a refusal name every field that is wrong, by its path. */
export const oidcIssuers = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }): unknown => {
    try {
      // A null is the same as leaving the field out.
      return JSON.parse(dataset.value, (_name, value: unknown) => value ?? undefined);
    } catch {
      addIssue({ message: 'is not JSON' });
      return NEVER;
    }
  }),
  v.array(oidcIssuer, 'is not an array'),
  v.check(
    (issuers) => new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length,
    'two of them have the same issuer',
  ),
  v.description('a JSON array of OpenID Connect issuers, see docs/access.md'),
);
