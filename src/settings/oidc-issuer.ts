import { type Role, ROLES } from './role.js';
import { EachItem, IsIdentifier, Items, OneOf, Optional, resourceBody, rule, Text } from '../rest/resource-body.js';
import { SchemaViolation } from '../problems/catalogue.js';
import type { AcceptedValues } from './accepted-values.js';

/** Signatures that need no shared secret: whoever can check these tokens cannot make them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

/** Longest name of a claim, and longest value of one, in characters. */
const MAX_CLAIM_LENGTH = 255;

function WholeSeconds(maximum: number): PropertyDecorator {
  return rule(
    'wholeSeconds',
    `must be a whole number from 0 to ${maximum}`,
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maximum,
  );
}

function Url(): PropertyDecorator {
  return rule('url', 'must be an https:// URL (http:// only of this machine)', (value) => {
    if (typeof value !== 'string' || !URL.canParse(value)) return false;
    const { protocol, hostname } = new URL(value);
    return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname));
  });
}

function RoleOfEachValue(): PropertyDecorator {
  return rule(
    'roles',
    `must be an object whose values are among ${ROLES.join(', ')}`,
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((role) => ROLES.some((known) => known === role)),
  );
}

/** An OpenID Connect issuer whose tokens let users in, and how its claims are read (contract, section 7). */
export class OidcIssuer {
  /** The `iss` of its tokens. */
  @Text(1, 2048)
  issuer: string;

  /** The `aud` that its tokens must have. */
  @Text(1, MAX_CLAIM_LENGTH)
  audience: string;

  /** Where its public keys are: `jwks_uri` of its discovery document. */
  @Url()
  jwksUrl: string;

  @Optional()
  @Items(1, ALGORITHMS.length)
  @EachItem(`must be one of ${ALGORITHMS.join(', ')}`, (value) => ALGORITHMS.some((known) => known === value))
  algorithms: string[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];

  /** The account in which its users have the role that their token says. */
  @IsIdentifier()
  accountID: string;

  /** The claim that names the user, for ever and for nobody else. */
  @Optional()
  @Text(1, MAX_CLAIM_LENGTH)
  userClaim = 'sub';

  @Optional()
  @Text(1, MAX_CLAIM_LENGTH)
  emailClaim = 'email';

  @Optional()
  @Text(1, MAX_CLAIM_LENGTH)
  firstNameClaim = 'given_name';

  @Optional()
  @Text(1, MAX_CLAIM_LENGTH)
  lastNameClaim = 'family_name';

  /** The claim with the values that `roles` maps: a text or an array of texts. `a.b` is member `b` of claim `a`. */
  @Optional()
  @Text(1, MAX_CLAIM_LENGTH)
  roleClaim?: string;

  /** Value of the role claim → role; of several the highest. */
  @Optional()
  @RoleOfEachValue()
  roles: Readonly<Record<string, Role>> = {};

  /** The role of whoever has none by `roles`; without it such a token has none in this account. */
  @Optional()
  @OneOf(ROLES)
  defaultRole?: Role;

  /** How far the clocks of issuer and service may be apart. */
  @Optional()
  @WholeSeconds(300)
  clockSkewSeconds = 5;

  /** The longest life of a token that such a JWT makes; 0 where it may make none. */
  @Optional()
  @WholeSeconds(31_536_000)
  tokenLifetimeSeconds = 0;

  /** The least time between two fetches of its keys, however many tokens name a key that is not known. */
  @Optional()
  @WholeSeconds(86_400)
  jwksCooldownSeconds = 30;
}

/** A JSON array of issuers. */
export const oidcIssuers: AcceptedValues<readonly OidcIssuer[]> = {
  description: 'a JSON array of OpenID Connect issuers, see docs/access.md',
  parse: (text) => {
    const issuers = read(text);
    return typeof issuers === 'string' ? undefined : issuers;
  },
  explain: (text) => {
    const issuers = read(text);
    return typeof issuers === 'string' ? issuers : undefined;
  },
};

/** The issuers, or why they cannot be read. */
function read(text: string): readonly OidcIssuer[] | string {
  let items: unknown;
  try {
    items = JSON.parse(text);
  } catch {
    return 'is not JSON';
  }
  if (!Array.isArray(items)) return 'is not an array';
  const reasons: string[] = [];
  const issuers = items.flatMap((item: unknown, index) => {
    try {
      return [resourceBody(OidcIssuer, item)];
    } catch (error) {
      if (!(error instanceof SchemaViolation)) throw error;
      reasons.push(...(error.members.invalidFields ?? []).map(({ name, reason }) => `[${index}].${name} ${reason}`));
      return [];
    }
  });
  const names = issuers.map(({ issuer }) => issuer);
  if (new Set(names).size < names.length) reasons.push('two of them have the same issuer');
  return reasons.length > 0 ? reasons.join('; ') : issuers;
}
