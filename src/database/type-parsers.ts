import pg, { type CustomTypesConfig } from 'pg';

const TIMESTAMPTZ = 1184;

/**
 * Postgres' `2022-10-06 20:58:16.30566+00` in the API's form, `2022-10-06T20:58:16.305660Z` (docs/api.md, section 3).
 *
 * Text to text: a `Date` would lose the microseconds. The session's time zone is UTC and its date style ISO
 * (`dataSourceOptions`), so the offset is always `+00`; `infinity` and years before Christ, which the service never
 * writes, come through as Postgres prints them.
 */
export function apiTimestamp(text: string): string {
  const parts = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text);
  if (parts === null) return text;
  const [, date = '', time = '', fraction = ''] = parts;
  return `${date}T${time}.${fraction.padEnd(6, '0')}Z`;
}

/**
 * How values of a pool's results are parsed: as node-postgres does, except that `timestamptz` is text in the
 * API's form. Given to each pool rather than set on `pg.types`, which is global to the process.
 */
export const typeParsers: CustomTypesConfig = {
  getTypeParser: parserOf as CustomTypesConfig['getTypeParser'],
};

type Parser = (value: string) => unknown;

/** pg types its parsers by an enum of the built-in types' OIDs; an OID may be any number. */
const ownParserOf = pg.types.getTypeParser as unknown as (oid: number, format?: 'text' | 'binary') => Parser;

function parserOf(oid: number, format?: 'text' | 'binary'): Parser {
  return oid === TIMESTAMPTZ && format !== 'binary' ? apiTimestamp : ownParserOf(oid, format);
}
