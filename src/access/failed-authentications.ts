import { isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';

/** How long failures count, in milliseconds. */
const WINDOW_MS = 60_000;

/** Most addresses that are remembered. */
const MOST_ADDRESSES = 10_000;

/**
 * Counts the bad tokens of each address, minute by minute, in this process alone: it limits the answers that guesses
 * get, and the lines that they leave in the log. A good token is never held back: behind a proxy that is not trusted to
 * tell its clients apart, all of them share an address.
 */
export class FailedAuthentications {
  private readonly failures = new LRUCache<string, number>({ max: MOST_ADDRESSES, ttl: WINDOW_MS });

  /** @param limit most failures of one address in a minute; 0 for any number */
  constructor(private readonly limit: number) {}

  /** Seconds until a bad token of this address is answered as one again; 0 when it is now. */
  secondsToWait(address: string): number {
    const key = networkOf(address);
    if (this.limit === 0 || (this.failures.get(key) ?? 0) < this.limit) return 0;
    return Math.max(1, Math.ceil(this.failures.getRemainingTTL(key) / 1000));
  }

  failed(address: string): void {
    if (this.limit === 0) return;
    const key = networkOf(address);
    // The window begins with the first failure, and the ones after it do not move its end.
    this.failures.set(key, (this.failures.get(key) ?? 0) + 1, { noUpdateTTL: true });
  }
}

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** What counts as one address: an IPv6 subscriber has a whole /64, and IPv4 is the same however the socket shows it. */
function networkOf(address: string): string {
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = '', tail] = address.split('::', 2);
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  while (groups.length + rest.length < 8) groups.push('0');
  return [...groups, ...rest].slice(0, 4).join(':');
}
