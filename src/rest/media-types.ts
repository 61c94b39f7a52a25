import Negotiator from 'negotiator';
import { NotAcceptable } from '../problems/catalogue.js';

/** What every answer can be served as. */
export const JSON_TYPE = 'application/json';
/** What every problem is served as, whatever was asked for (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json';

/**
 * The media type of a response (docs/api.md, section 3; RFC 9110, section 12): `application/json` unless the caller
 * prefers `own`, the resource's or the collection's media type without its `+json`.
 *
 * @throws NotAcceptable when the caller accepts neither
 */
export function negotiate(accept: string | undefined, own: string): string {
  if (accept === undefined || accept === '*/*' || accept === JSON_TYPE) return JSON_TYPE;
  const ownType = `${own}+json`;
  if (accept === ownType) return ownType;
  const wanted = accept.replace(UTF8_OF_RANGE, '');
  // Nothing is the same as no header: there is no way to accept nothing at all.
  if (wanted.trim() === '') return JSON_TYPE;
  const preferred = new Negotiator({ headers: { accept: wanted } }).mediaType([JSON_TYPE, ownType]);
  if (preferred === undefined) throw new NotAcceptable();
  return preferred;
}

/** Many clients ask for `application/json; charset=utf-8`. JSON has no such parameter, and is always in UTF-8. */
const UTF8_OF_RANGE = /;[ \t]*charset="?utf-?8"?(?=[ \t]*(?:[,;]|$))/gi;

const JSON_CONTENT = /^application\/(?:json|[a-z0-9!#$&^_.+-]+\+json)$/i;
const UTF8_PARAMETER = /^charset="?utf-?8"?$/i;

/** Whether a request's `Content-Type` announces JSON: `application/json` or any `application/*+json`, in UTF-8. */
export function isJsonContentType(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  return (
    JSON_CONTENT.test(type) &&
    parameters.every((parameter) => !/^charset=/i.test(parameter) || UTF8_PARAMETER.test(parameter))
  );
}
