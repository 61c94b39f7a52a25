import { setTimeout as sleep } from 'node:timers/promises';
import { connectToPrimary } from './primary.js';
import { errorCode, errorMessage } from './error-code.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** SQLSTATEs of a server that is there and will soon do: starting up, shutting down, full, not yet promoted. */
const PASSING_STATES = new Set(['57P01', '57P02', '57P03', '53300', '25006']);

/** Network errors that pass when the server, its host or its name in the DNS comes up. */
const PASSING_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

export interface WaitOptions {
  readonly url: string;
  /** The longest wait for one connection, in milliseconds. */
  readonly connectionTimeoutMs: number;
  /** The longest wait altogether, in milliseconds. */
  readonly deadlineMs: number;
  /** Hears of each attempt that failed, in sentences for the log. */
  readonly notice: (message: string) => void;
  /** Ends the wait when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Returns once the database takes connections; asks again, less and less often, while it is unreachable or starting.
 *
 * @throws Error when the deadline has passed, and at once when waiting would not help (wrong password, no such
 * database); `cause` is the last attempt's error. The signal's own reason when that is aborted. The message never repeats the URL: it holds a password.
 */
export async function waitForDatabase(options: WaitOptions): Promise<void> {
  const end = Date.now() + options.deadlineMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const attempt = await connect(options);
    options.signal?.throwIfAborted();
    if (attempt.connected) return;
    const { error } = attempt;
    const reason = errorMessage(error) || (errorCode(error) ?? '');
    if (!isPassing(error)) throw new Error(`The database refuses the connection: ${reason}`, { cause: error });
    const left = end - Date.now();
    if (left <= 0) {
      throw new Error(`The database could not be reached within ${options.deadlineMs} ms: ${reason}`, { cause: error });
    }
    const wait = Math.min(pause, left);
    options.notice(`The database cannot be reached yet (${reason}); trying again in ${wait} ms.`);
    await sleep(wait, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

async function connect({
  url,
  connectionTimeoutMs,
}: WaitOptions): Promise<{ connected: true } | { connected: false; error: unknown }> {
  try {
    const { client } = await connectToPrimary(url, { connectionTimeoutMillis: connectionTimeoutMs });
    try {
      await client.query('SELECT 1');
    } finally {
      await client.end().catch(() => undefined);
    }
    return { connected: true };
  } catch (error) {
    return { connected: false, error };
  }
}

function isPassing(error: unknown): boolean {
  // One for each host: one that may come up is enough.
  if (error instanceof AggregateError && errorCode(error) === undefined) return error.errors.some(isPassing);
  const code = errorCode(error);
  // node-postgres has no code for a connection that was cut off or timed out while it was being made.
  if (code === undefined) return /timeout|terminated/i.test(errorMessage(error));
  return PASSING_STATES.has(code) || PASSING_ERRORS.has(code);
}
