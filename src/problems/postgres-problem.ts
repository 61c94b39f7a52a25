import { ServiceNotReady, ServiceUnavailable } from './catalogue.js';
import type { Problem } from './problem.js';

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

/** What node-postgres says, without any code, when it lost the connection or could not get one in time. */
const CONNECTION_MESSAGES = [
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Cannot use a pool after calling end on the pool',
  'Query read timeout',
];

/**
 * What a client is told about a database error that no service has mapped: 24 when the database cannot be reached or
 * refuses to work, 41 when trying again may help, nothing for anything else (contract, section 6).
 */
export function postgresProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = sqlState(error);
  if (code !== undefined) {
    if (NOT_READY_STATES.has(code)) return new ServiceNotReady({ cause: error });
    if (UNAVAILABLE_STATES.has(code) || UNAVAILABLE_STATES.has(code.slice(0, 2))) {
      return new ServiceUnavailable({ cause: error });
    }
    return undefined;
  }
  return isConnectionError(error) ? new ServiceUnavailable({ cause: error }) : undefined;
}

/**
 * The name of the constraint that a statement has violated: unique, foreign key, check or exclusion (SQLSTATE class
 * 23); undefined for any other error, and for NOT NULL, which has no name.
 */
export function violatedConstraint(error: unknown): string | undefined {
  if (!(error instanceof Error) || sqlState(error)?.startsWith('23') !== true) return undefined;
  return 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : undefined;
}

/** Only errors of the Postgres protocol carry both a five-character code and a severity. */
function sqlState(error: Error): string | undefined {
  return 'severity' in error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Node's network errors count whatever they came from: what the service connects to, for a request, is the database,
 * and any other peer that is out of reach (an issuer's keys) makes it just as unavailable.
 */
function isConnectionError(error: Error): boolean {
  if ('code' in error && typeof error.code === 'string' && NETWORK_ERRORS.has(error.code)) return true;
  // One attempt an address of the host (happy eyeballs): Node wraps them.
  if (error instanceof AggregateError)
    return error.errors.some((each) => each instanceof Error && isConnectionError(each));
  return CONNECTION_MESSAGES.some((message) => error.message.startsWith(message));
}
