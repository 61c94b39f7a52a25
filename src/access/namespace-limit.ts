import type { Role } from '../settings/role.js';

/** Stands for every namespace in the `roleConstraints` of a role binding. */
export const UNLIMITED = '*';

/** One namespace of `roleConstraints`, a DNS-1123 label as Kubernetes names them. */
const NAMESPACE = /^namespaces:name='([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)'$/;

/** Why a text cannot be one of `roleConstraints`; undefined when it can. */
export function roleConstraintError(text: string): string | undefined {
  return text === UNLIMITED || NAMESPACE.test(text)
    ? undefined
    : `must be "${UNLIMITED}" or name a namespace, like "namespaces:name='payroll-east'"`;
}

/**
 * The namespaces that the constraints of a role binding limit it to; undefined where they do not. Only the roles
 * `viewer` and `member` can be limited: whoever manages users could lift the limit.
 */
export function namespaceLimit(role: Role, constraints: readonly string[]): readonly string[] | undefined {
  if (role === 'admin' || role === 'owner' || constraints.includes(UNLIMITED)) return undefined;
  return constraints.flatMap((constraint) => NAMESPACE.exec(constraint)?.[1] ?? []);
}
