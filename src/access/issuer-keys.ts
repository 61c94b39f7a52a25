import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** After this long, in milliseconds, keys are fetched anew although they still serve: an issuer may withdraw one. */
const MAX_AGE_MS = 10 * 60_000;

/** How long, in milliseconds, known keys go on serving while the issuer cannot be reached. */
const MAX_STALE_MS = 24 * 3_600_000;

/** The longest wait for the issuer, and the least time between two attempts that failed, in milliseconds. */
const TIMEOUT_MS = 5_000;
const RETRY_MS = 1_000;

/** The keys of an issuer cannot be had; `cause` says why. */
export class IssuerUnreachable extends Error {
  constructor(url: string, options: ErrorOptions) {
    super(`The keys of the issuer could not be fetched from ${url}.`, options);
    this.name = 'IssuerUnreachable';
  }
}

/**
 * The public keys of one issuer, fetched when they are first needed, when a token names one that is not known (the
 * issuer has rotated), and when they have grown old. However many tokens name unknown keys, there is one fetch in a
 * `cooldownMs`.
 */
export class IssuerKeys {
  private keys: JWTVerifyGetKey | undefined;
  private fetchedAt = -Infinity;
  private failedAt = -Infinity;
  private failure: unknown;
  private fetching: Promise<void> | undefined;

  /** @param cooldownMs least time between two fetches that succeeded */
  constructor(
    private readonly url: string,
    private readonly cooldownMs: number,
    private readonly onFailure: (error: IssuerUnreachable) => void,
  ) {}

  /**
   * The key that a token names, as jose asks for it.
   * @throws IssuerUnreachable; jose's `JWKSNoMatchingKey` when the issuer has no such key
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (performance.now() - this.fetchedAt >= MAX_AGE_MS) await this.refresh();
    try {
      return await this.known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (performance.now() - this.fetchedAt < this.cooldownMs) throw error;
      await this.refresh();
      return this.known(header, token);
    }
  };

  private get known(): JWTVerifyGetKey {
    if (this.keys === undefined || performance.now() - this.fetchedAt >= MAX_STALE_MS) {
      throw new IssuerUnreachable(this.url, { cause: this.failure });
    }
    return this.keys;
  }

  /** Never throws: while the keys that are known serve, a failure is nobody's. */
  private async refresh(): Promise<void> {
    if (performance.now() - this.failedAt < RETRY_MS) return;
    this.fetching ??= this.fetch().finally(() => {
      this.fetching = undefined;
    });
    await this.fetching;
  }

  private async fetch(): Promise<void> {
    try {
      const answer = await fetch(this.url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!answer.ok) throw new Error(`The issuer answered ${answer.status}.`);
      this.keys = createLocalJWKSet((await answer.json()) as JSONWebKeySet);
      this.fetchedAt = performance.now();
      this.failedAt = -Infinity;
    } catch (error) {
      this.failure = error;
      this.failedAt = performance.now();
      this.onFailure(new IssuerUnreachable(this.url, { cause: error }));
    }
  }
}
