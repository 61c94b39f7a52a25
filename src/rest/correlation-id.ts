import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * The header that names a request in the answer, in a problem's `correlationID` and in the log (docs/api.md, section
 * 3).
 */
export const CORRELATION_HEADER = 'x-correlation-id';

const WELL_FORMED = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** The caller's own correlation id when it is well-formed (1–128 letters, digits, `. _ : -`), else a new UUID. */
export function correlationIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const sent = request.headers[CORRELATION_HEADER];
  return typeof sent === 'string' && WELL_FORMED.test(sent) ? sent : randomUUID();
}
