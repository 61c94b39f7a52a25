/** The roles of an account, weakest first (docs/api.md, section 7). */
export const ROLES = ['viewer', 'member', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** Whether a role may do what another is needed for. */
export function covers(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** The weaker of two roles; a limit that is missing limits nothing. */
export function limited(role: Role, limit: Role | null): Role {
  return limit === null || covers(limit, role) ? role : limit;
}
