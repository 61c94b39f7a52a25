import { isIP } from 'node:net';
import { resolve } from 'node:path';

/** What a setting accepts: the sentence that says so and the parser that enforces it, side by side so that they agree. */
export interface AcceptedValues<Value> {
  /** Completes "expected …"; names bounds, never a given value. */
  readonly description: string;
  /** @returns the typed value, or undefined when the text is not acceptable */
  parse(text: string): Value | undefined;
  /** What is wrong with a text that is not acceptable, where more than `description` can be said without repeating it. */
  explain?(text: string): string | undefined;
}

/** A whole number in decimal digits, both bounds included. */
export function wholeNumber(minimum: number, maximum: number): AcceptedValues<number> {
  return {
    description: `a whole number from ${minimum} to ${maximum}`,
    parse: (text) => {
      if (!/^\d{1,15}$/.test(text)) return undefined;
      const value = Number(text);
      return value >= minimum && value <= maximum ? value : undefined;
    },
  };
}

/** One of a few words, spelled exactly so. */
export function oneOf<const Word extends string>(...words: readonly Word[]): AcceptedValues<Word> {
  return {
    description: words.length === 2 ? words.join(' or ') : `one of ${words.join(', ')}`,
    parse: (text) => words.find((word) => word === text),
  };
}

/** `true` or `false`; no `1`, `yes` or `on`, so that every deployment reads the same. */
export const yesOrNo: AcceptedValues<boolean> = {
  description: 'true or false',
  parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
};

/** An address to listen on: an IP address or a host name. */
export const listenAddress: AcceptedValues<string> = {
  description: 'an IP address or a host name',
  parse: (text) => (isIP(text) !== 0 || /^[a-z\d]([a-z\d.-]{0,251}[a-z\d])?$/i.test(text) ? text : undefined),
};

/** A file or folder; a relative one is taken from the folder that the service was started in. */
export const path: AcceptedValues<string> = {
  description: 'a path',
  parse: (text) => (text.includes('\0') ? undefined : resolve(text)),
};

/** A connection string of PostgreSQL in its URL form. */
export const postgresUrl: AcceptedValues<string> = {
  description: 'a postgres:// or postgresql:// URL (special characters in user name and password percent-encoded)',
  parse: (text) => {
    if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) return undefined;
    return text;
  },
};

/** The URL in front of `/accounts`, returned without the slash at its end. */
export const publicUrl: AcceptedValues<string> = {
  description: 'an http:// or https:// URL without user name, query and fragment',
  parse: (text) => {
    if (!/^https?:\/\/[^?#@\\\s]+$/i.test(text) || !URL.canParse(text)) return undefined;
    const url = new URL(text);
    return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  },
};

/** A prefix of every path that the service answers. */
export const basePath: AcceptedValues<string> = {
  description: 'a path like /hooks: a slash before each segment, none at the end, letters, digits and . _ ~ - between',
  parse: (text) => {
    if (!/^(\/[\w.~-]+)+$/.test(text)) return undefined;
    return text.split('/').some((segment) => segment === '.' || segment === '..') ? undefined : text;
  },
};

/** Web pages that may read answers of the service, by their origin. */
export const origins: AcceptedValues<readonly string[] | '*'> = {
  description: 'a comma-separated list of origins like https://console.example.com, or * for any',
  parse: (text) => {
    if (text === '*') return '*';
    const list = text.split(',').map((entry) => entry.trim());
    return list.every((entry) => URL.canParse(entry) && new URL(entry).origin === entry) ? list : undefined;
  },
};

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
export const trustedProxies: AcceptedValues<readonly string[]> = {
  description: `a comma-separated list of IP addresses, CIDR networks and ${PROXY_NETWORKS.join(', ')}`,
  parse: (text) => {
    const proxies = text.split(',').map((entry) => entry.trim());
    return proxies.every((entry) => PROXY_NETWORKS.includes(entry) || isAddressOrNetwork(entry)) ? proxies : undefined;
  },
};
