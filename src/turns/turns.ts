/** How many may be at work at the same time, and how long others wait for their turn. */
export interface TurnLimits {
  /** Of one account. */
  readonly ofAccount: number;
  /** Of all accounts together. */
  readonly ofAll: number;
  /** How many of one account wait at most; 0 refuses a request at once that has no turn. */
  readonly waitingOfAccount: number;
  /** Milliseconds. */
  readonly waitMs: number;
}

/** Gives a turn back; a second call does nothing. */
export type EndTurn = () => void;

/** No turn came in time, because of the account's own limit or of that of all together. */
export class NoTurn extends Error {
  constructor(readonly limit: 'account' | 'all') {
    super(`The limit of ${limit === 'account' ? 'the account' : 'all accounts together'} is reached.`);
  }
}

interface Waiting {
  readonly account: string;
  readonly begin: () => void;
}

/**
 * Bounds work that holds on to something scarce, by account and in all, so that no account takes everything from the
 * others. A turn that ends goes to the waiting account with the fewest at work, and within an account in the order of
 * asking.
 */
export class Turns {
  private readonly running = new Map<string, number>();
  private runningOfAll = 0;
  private readonly waiting = new Set<Waiting>();
  private readonly waitingOf = new Map<string, number>();

  constructor(private readonly limits: TurnLimits) {}

  /** How many are at work. */
  get atWork(): number {
    return this.runningOfAll;
  }

  /**
   * @param signal aborted when the turn is no longer wanted
   * @throws NoTurn, and the signal's reason
   */
  async take(account: string, signal: AbortSignal): Promise<EndTurn> {
    signal.throwIfAborted();
    if (this.isFree(account)) return this.begin(account);
    if ((this.waitingOf.get(account) ?? 0) >= this.limits.waitingOfAccount) throw this.refusal(account);
    return this.wait(account, signal);
  }

  private wait(account: string, signal: AbortSignal): Promise<EndTurn> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        this.waiting.delete(waiting);
        add(this.waitingOf, account, -1);
      };
      const waiting: Waiting = {
        account,
        begin: () => {
          leave();
          resolve(this.begin(account));
        },
      };
      const abort = (): void => {
        leave();
        reject(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        leave();
        reject(this.refusal(account));
      }, this.limits.waitMs);
      signal.addEventListener('abort', abort, { once: true });
      this.waiting.add(waiting);
      add(this.waitingOf, account, 1);
    });
  }

  private isFree(account: string): boolean {
    return this.runningOfAll < this.limits.ofAll && !this.hasAll(account);
  }

  private hasAll(account: string): boolean {
    return (this.running.get(account) ?? 0) >= this.limits.ofAccount;
  }

  private refusal(account: string): NoTurn {
    return new NoTurn(this.hasAll(account) ? 'account' : 'all');
  }

  private begin(account: string): EndTurn {
    this.runningOfAll += 1;
    add(this.running, account, 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.runningOfAll -= 1;
      add(this.running, account, -1);
      this.next()?.begin();
    };
  }

  /** The one that has waited longest, of those whose accounts have the fewest at work. */
  private next(): Waiting | undefined {
    let next: Waiting | undefined;
    for (const waiting of this.waiting) {
      if (!this.isFree(waiting.account)) continue;
      if (next === undefined || this.runningOf(waiting) < this.runningOf(next)) next = waiting;
    }
    return next;
  }

  private runningOf({ account }: Waiting): number {
    return this.running.get(account) ?? 0;
  }
}

/** Counts of zero are not kept: accounts come and go. */
function add(counts: Map<string, number>, key: string, difference: number): void {
  const count = (counts.get(key) ?? 0) + difference;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
