import { type Logger, pino, stdSerializers } from 'pino';
import type { LogLevel } from '../settings/settings.js';

/**
 * The service's log: one JSON object a line on standard output. No header, query string or body is ever logged, so
 * that no token can be.
 */
export function createLogger(level: LogLevel): Logger {
  return pino({
    level,
    base: { service: 'execution-hooks' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // The message of a cause is the cause's alone: pino would add it to the error's own, which often ends with it.
    serializers: { err: stdSerializers.errWithCause },
  });
}
