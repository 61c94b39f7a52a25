import { type Logger, pino } from 'pino';
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
  });
}
