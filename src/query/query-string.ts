import { InvalidParameter } from './invalid-parameter.js';

/** One `name=value` of a query string: decoded, or the reason why its value cannot be. */
export interface QueryParameter {
  readonly name: string;
  readonly value: string | InvalidParameter;
}

/**
 * The parameters of a raw query string (without its `?`), in order, decoded as HTML forms encode: `%XX` of UTF-8,
 * and `+` for a space. Strict where URLSearchParams replaces silently. A name that cannot be decoded stays as it is:
 * it is no known parameter then.
 */
export function readQueryString(query: string): QueryParameter[] {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      const [rawName, rawValue] = equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
      const name = decode(rawName);
      return { name: typeof name === 'string' ? name : rawName, value: decode(rawValue) };
    });
}

function decode(raw: string): string | InvalidParameter {
  // Node gives the bytes of a request target as Latin-1: what is not ASCII was not encoded by the client.
  if (!/^[\x21-\x7e]*$/.test(raw))
    return new InvalidParameter(['expected characters outside ASCII to be percent-encoded']);
  const malformed = /%(?![0-9A-Fa-f]{2})/.exec(raw);
  if (malformed !== null) {
    return new InvalidParameter([
      `position ${malformed.index + 1} of the encoded value: expected two hexadecimal digits after % (a % itself is sent as %25)`,
    ]);
  }
  let text: string;
  try {
    text = decodeURIComponent(raw.replaceAll('+', ' '));
  } catch {
    return new InvalidParameter(['expected the percent-encoded bytes to be UTF-8']);
  }
  if (text.includes('\0')) return new InvalidParameter(['the character U+0000 is not allowed']);
  return text;
}
