import type { Admission, BoundedWork } from '../operations/admission.js';
import type { IncomingRequest } from './incoming.js';

/**
 * Does bounded work once it is the account's turn. The turn lasts until the work is done and the answer has gone out
 * whole, or its client has gone.
 *
 * @throws PlainProblem 429, ServiceNotReady, RequestAborted, and what the work throws
 */
export async function duringTurn<T>(
  admission: Admission,
  work: BoundedWork,
  request: IncomingRequest,
  run: () => Promise<T>,
): Promise<T> {
  const end = await admission.take(work, request.optionalParameter('account_id') ?? '', request.signal);
  let isDone = false;
  let isAnswered = false;
  const endWhenOver = (): void => {
    if (isDone && isAnswered) end();
  };
  request.whenAnswered(() => {
    isAnswered = true;
    endWhenOver();
  });
  try {
    return await run();
  } finally {
    isDone = true;
    endWhenOver();
  }
}
