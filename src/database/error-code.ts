/**
 * The code of an error of Node (`ECONNREFUSED`) or of Postgres (its SQLSTATE). By shape and not by class: an error may
 * come from another realm, as Node's own do in a test.
 */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** The message of whatever was thrown. */
export function errorMessage(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
