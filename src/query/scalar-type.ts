import { isIdentifier } from './identifier.js';

/** What a scalar field of a collection holds, which is how its values are checked, compared and bound. */
export type ScalarType = 'string' | 'identifier' | 'timestamp' | 'number';

interface ScalarRules {
  /** What a value of a filter or a token must be, to follow "expected". */
  readonly expected: string;
  readonly accepts: (text: string) => boolean;
  /** The Postgres type that a value is bound as. */
  readonly postgres: string;
}

/** The rules of each type (docs/api.md, sections 2, 3 and 5). */
export const SCALARS: Readonly<Record<ScalarType, ScalarRules>> = {
  string: { expected: 'a string', accepts: () => true, postgres: 'text' },
  identifier: {
    expected: 'an identifier (a lower-case UUID)',
    accepts: isIdentifier,
    postgres: 'uuid',
  },
  number: { expected: 'a whole number', accepts: (text) => /^-?\d{1,9}$/.test(text), postgres: 'integer' },
  timestamp: {
    expected: 'a timestamp such as 2022-10-06T20:58:16.305662Z (a + of an offset is sent as %2B)',
    accepts: isTimestamp,
    postgres: 'timestamptz',
  },
};

const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/** RFC 3339 with at most the six fractional digits that Postgres keeps, and a date that exists. */
function isTimestamp(text: string): boolean {
  const parts = TIMESTAMP.exec(text);
  if (parts === null) return false;
  const [year, month, day] = parts.slice(1, 4).map(Number) as [number, number, number];
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const lastOfMonth = new Date(0);
  lastOfMonth.setUTCFullYear(year, month, 0);
  return day <= lastOfMonth.getUTCDate();
}
