import { hostUrls } from './host-urls.js';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import * as v from 'valibot';

/**
 * What settings accept. The description of each completes "expected …" in the refusal of a bad value and is the
 * "Accepted" of docs/settings.md. The checks have no messages of their own: the library's repeat the value.
 */
export type AcceptedValues = v.GenericSchema<string, unknown>;

/** A whole number in decimal digits, both bounds included. */
export function wholeNumber(minimum: number, maximum: number): v.GenericSchema<string, number> {
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,15}$/),
    v.transform(Number),
    v.minValue(minimum),
    v.maxValue(maximum),
    v.description(`a whole number from ${minimum} to ${maximum}`),
  );
}

/** One of a few words, spelled exactly so. */
export function oneOf<const Words extends readonly string[]>(
  ...words: Words
): v.GenericSchema<Words[number], Words[number]> {
  const description = words.length === 2 ? words.join(' or ') : `one of ${words.join(', ')}`;
  return v.pipe(v.picklist(words), v.description(description));
}

/** `true` or `false`; no `1`, `yes` or `on`, so that every deployment reads the same. */
export const yesOrNo = v.pipe(
  v.picklist(['true', 'false']),
  v.transform((text) => text === 'true'),
  v.description('true or false'),
);

/** An address to listen on: an IP address or a host name. */
export const listenAddress = v.pipe(
  v.string(),
  v.check((text) => isIP(text) !== 0 || /^[a-z\d]([a-z\d.-]{0,251}[a-z\d])?$/i.test(text)),
  v.description('an IP address or a host name'),
);

/** A file or folder; a relative one is taken from the folder that the service was started in. */
export const path = v.pipe(
  v.string(),
  v.excludes('\0'),
  v.transform((text) => resolve(text)),
  v.description('a path'),
);

/** A connection string of PostgreSQL in its URL form; of several hosts, the one that takes writes is used. */
export const postgresUrl = v.pipe(
  v.string(),
  v.check((text) => {
    try {
      return hostUrls(text).length > 0;
    } catch {
      return false;
    }
  }),
  v.description(
    'a postgres:// or postgresql:// URL, of one host or several (special characters in user name and password percent-encoded)',
  ),
);

/** The URL in front of `/accounts`, returned without the slash at its end. */
export const publicUrl = v.pipe(
  v.string(),
  v.regex(/^https?:\/\/[^?#@\\\s]+$/i),
  v.url(),
  v.transform((text) => {
    const url = new URL(text);
    return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  }),
  v.description('an http:// or https:// URL without user name, query and fragment'),
);

/** A prefix of every path that the service answers. */
export const basePath = v.pipe(
  v.string(),
  v.regex(/^(\/(?!\.{1,2}(\/|$))[\w.~-]+)+$/),
  v.description(
    'a path like /hooks: a slash before each segment, none at the end, letters, digits and . _ ~ - between',
  ),
);

const commaSeparated = v.pipe(
  v.string(),
  v.transform((text) => text.split(',').map((entry) => entry.trim())),
);

const origin = v.check((text: string) => URL.canParse(text) && new URL(text).origin === text);

/** Web pages that may read answers of the service, by their origin. */
export const origins = v.pipe(
  v.union([v.literal('*'), v.pipe(commaSeparated, v.array(v.pipe(v.string(), origin)), v.readonly())]),
  v.description('a comma-separated list of origins like https://console.example.com, or * for any'),
);

const PROXY_NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];

function isAddressOrNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}

/**
 * Proxies to trust, by address: no hop count, because a client that reaches the service directly could then pretend to
 * be behind that many proxies (Fastify refuses to trust anybody on a count alone).
 */
export const trustedProxies = v.pipe(
  commaSeparated,
  v.everyItem((entry) => PROXY_NETWORKS.includes(entry) || isAddressOrNetwork(entry)),
  v.readonly(),
  v.description(`a comma-separated list of IP addresses, CIDR networks and ${PROXY_NETWORKS.join(', ')}`),
);
