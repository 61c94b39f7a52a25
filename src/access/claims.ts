import type { JWTPayload } from 'jose';
import type { OidcIssuer } from '../settings/oidc-issuer.js';
import { covers, type Role } from '../settings/role.js';

/** What a token of an issuer says of its bearer. */
export interface Claims {
  /** What the issuer calls the user. */
  readonly authId: string;
  readonly email: string | null;
  readonly firstName: string;
  readonly lastName: string;
  /** The role in the issuer's account; null where the token says none. */
  readonly role: Role | null;
  /** When the token expires, in seconds since 1970. */
  readonly expiresAt: number;
}

/** Longest texts of a token that are taken over, in UTF-16 units; longer ones are left out. */
const MAX_ID_LENGTH = 255;
const MAX_NAME_LENGTH = 63;
const MAX_EMAIL_LENGTH = 254;

/** Reads the claims of a verified token by the issuer's settings; undefined where it names no user. */
export function readClaims(payload: JWTPayload, issuer: OidcIssuer): Claims | undefined {
  const authId = textOf(payload, issuer.userClaim, MAX_ID_LENGTH);
  if (authId === undefined || authId === '') return undefined;
  return {
    authId,
    email: textOf(payload, issuer.emailClaim, MAX_EMAIL_LENGTH) ?? null,
    firstName: textOf(payload, issuer.firstNameClaim, MAX_NAME_LENGTH) ?? '',
    lastName: textOf(payload, issuer.lastNameClaim, MAX_NAME_LENGTH) ?? '',
    role: roleOf(payload, issuer),
    expiresAt: payload.exp ?? 0,
  };
}

function roleOf(payload: JWTPayload, { roleClaim, roles, defaultRole }: OidcIssuer): Role | null {
  const claim = roleClaim === undefined ? undefined : claimOf(payload, roleClaim);
  let highest: Role | null = defaultRole ?? null;
  for (const value of Array.isArray(claim) ? (claim as unknown[]) : [claim]) {
    const role = typeof value === 'string' && Object.hasOwn(roles, value) ? roles[value] : undefined;
    if (role !== undefined && (highest === null || covers(role, highest))) highest = role;
  }
  return highest;
}

function textOf(payload: JWTPayload, path: string, maxLength: number): string | undefined {
  const value = claimOf(payload, path);
  // Postgres stores neither NUL nor lone surrogates.
  const isText =
    typeof value === 'string' && value.length <= maxLength && value.isWellFormed() && !value.includes('\0');
  return isText ? value : undefined;
}

/** A claim by its name, which may itself hold dots, or by a path of names. */
function claimOf(claims: unknown, path: string): unknown {
  if (typeof claims !== 'object' || claims === null) return undefined;
  if (Object.hasOwn(claims, path)) return (claims as Record<string, unknown>)[path];
  const dot = path.indexOf('.');
  if (dot === -1 || !Object.hasOwn(claims, path.slice(0, dot))) return undefined;
  return claimOf((claims as Record<string, unknown>)[path.slice(0, dot)], path.slice(dot + 1));
}
