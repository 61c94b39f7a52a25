import { errorCode, errorMessage } from './error-code.js';
import { ServiceNotReady, ServiceUnavailable } from '../problems/catalogue.js';
import type { Problem } from '../problems/problem.js';

/** SQLSTATEs, and classes of them by their first two characters, of a database that cannot work at the moment. */
const UNAVAILABLE_STATES = new Set([
  '08', // connection exception
  '53', // insufficient resources: disk full, out of memory, too many connections
  '25006', // read only: a standby, or a server that was switched over
  '57P01', // admin shutdown
  '57P02', // crash shutdown
  '57P03', // cannot connect now: starting up, recovering
  '57P04', // database dropped
  '57P05', // idle session timeout
  '25P03', // idle in transaction timeout: the server has ended the session
  '58', // system error: I/O
  '28', // invalid authorisation: the operator has changed the password or the access rules
  '3D000', // the database does not exist
]);

/** SQLSTATEs of a statement that may well succeed when the client tries again. */
const NOT_READY_STATES = new Set([
  '57014', // statement timeout
  '55P03', // lock timeout
  '40001', // serialisation failure
  '40P01', // deadlock
]);

/** Codes of Node's network errors. */
const NETWORK_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** What the pool says when all of its connections stayed in use; one that cannot be made ends with another message. */
export const POOL_TIMEOUT_MESSAGE = 'timeout exceeded when trying to connect';

const UNCERTAIN =
  'The write may have happened all the same. Where the request had an Idempotency-Key, sending it again with that key is safe.';

/** What node-postgres says, without any code, when it lost the connection or could not get one in time. */
const CONNECTION_MESSAGES = [
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'timeout expired',
  'Cannot use a pool after calling end on the pool',
  'Query read timeout',
];

/** A statement that writes, or a COMMIT, got no answer: whether it was carried out is not known. `cause` says what happened. */
export class WriteUncertain extends Error {
  constructor(cause: unknown) {
    super(errorMessage(cause), { cause });
    this.name = 'WriteUncertain';
  }
}

/** Whether the pool had no connection to give in time; the server may be well. */
export function isPoolTimeout(error: unknown): boolean {
  return errorMessage(error) === POOL_TIMEOUT_MESSAGE;
}

/** Whether the server refuses to write. */
export function isReadOnly(error: unknown): boolean {
  return sqlState(error) === '25006';
}

/** Whether the connection ended, or was given up, without the server's word on what it was at. */
export function isUnanswered(error: unknown): boolean {
  return sqlState(error) === undefined && isConnectionError(error);
}

/**
 * What a client is told about a database error that no service has mapped: 24 when the database cannot be reached or
 * refuses to work, 41 when trying again may help, nothing for anything else (docs/api.md, section 6).
 */
export function postgresProblem(error: unknown): Problem | undefined {
  if (error instanceof WriteUncertain) return new ServiceUnavailable({ cause: error }, UNCERTAIN);
  const state = sqlState(error);
  if (state === undefined) {
    if (isPoolTimeout(error)) return new ServiceNotReady({ cause: error });
    return isConnectionError(error) ? new ServiceUnavailable({ cause: error }) : undefined;
  }
  if (NOT_READY_STATES.has(state)) return new ServiceNotReady({ cause: error });
  return UNAVAILABLE_STATES.has(state) || UNAVAILABLE_STATES.has(state.slice(0, 2))
    ? new ServiceUnavailable({ cause: error })
    : undefined;
}

/**
 * The name of the constraint that a statement has violated: unique, foreign key, check or exclusion (SQLSTATE class
 * 23); undefined for any other error, and for NOT NULL, which has no name.
 */
export function violatedConstraint(error: unknown): string | undefined {
  if (sqlState(error)?.startsWith('23') !== true) return undefined;
  const { constraint } = error as { constraint?: unknown };
  if (typeof constraint === 'string') return constraint;
  // A distributed engine hands on the message of the node, but not its other fields; there the name has a shard's number.
  return /constraint "(.+?)(?:_\d{6,})?"/.exec(errorMessage(error))?.[1];
}

/** Only errors of the Postgres protocol have both a code and a severity. */
function sqlState(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'severity' in error ? errorCode(error) : undefined;
}

/**
 * Node's network errors count whatever they came from: what the service connects to, for a request, is the database,
 * and any other peer that is out of reach (an issuer's keys) makes it just as unavailable.
 */
function isConnectionError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (NETWORK_ERRORS.has(errorCode(error) ?? '')) return true;
  // One attempt an address of the host (happy eyeballs): Node puts them into one error.
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(isConnectionError);
  return CONNECTION_MESSAGES.some((message) => errorMessage(error).startsWith(message));
}
