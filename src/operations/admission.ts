import { Injectable } from '@nestjs/common';
import { PlainProblem, ServiceNotReady } from '../problems/catalogue.js';
import { Settings } from '../settings/settings.js';
import { type EndTurn, NoTurn, Turns } from '../turns/turns.js';

/** What is bounded by account: each holds a connection, or much memory, for as long as its client takes. */
export const BOUNDED_WORK = ['ingest', 'list'] as const;

/** See {@link BOUNDED_WORK}. */
export type BoundedWork = (typeof BOUNDED_WORK)[number];

/** This many wait for one at work; those beyond it are refused at once. */
const WAITING_PER_TURN = 16;

/** Seconds after which a refused client may try again. */
const RETRY_AFTER = '1';

/** Bounds how many inventories are taken in, and long lists sent, at the same time. */
@Injectable()
export class Admission {
  private readonly turns: Readonly<Record<BoundedWork, Turns>>;
  private readonly refusals: Record<BoundedWork, number> = { ingest: 0, list: 0 };

  constructor({ databasePoolSize, databasePoolWaitMs, ingestsPerAccount, listsPerAccount }: Settings) {
    const turns = (ofAccount: number, ofAll: number): Turns =>
      new Turns({ ofAccount, ofAll, waitingOfAccount: WAITING_PER_TURN * ofAccount, waitMs: databasePoolWaitMs });
    this.turns = {
      ingest: turns(ingestsPerAccount, databasePoolSize),
      // Lists hold their connection while their client reads: half of the pool stays for everything else.
      list: turns(listsPerAccount, Math.ceil(databasePoolSize / 2)),
    };
  }

  /**
   * Waits for a turn, which is to be given back.
   *
   * @param signal aborted when the client has gone
   * @throws PlainProblem 429 when the account has too many at work, ServiceNotReady when all accounts together have, and
   *   the signal's reason
   */
  async take(work: BoundedWork, account: string, signal: AbortSignal): Promise<EndTurn> {
    try {
      return await this.turns[work].take(account, signal);
    } catch (error) {
      if (!(error instanceof NoTurn)) throw error;
      this.refusals[work] += 1;
      if (error.limit === 'all') throw new ServiceNotReady({ cause: error });
      throw new PlainProblem(
        429,
        'Too many requests of this kind are under way in the account.',
        { 'retry-after': RETRY_AFTER },
        { cause: error },
      );
    }
  }

  /** How many are at work now, and how many have been refused since the start. */
  usage(work: BoundedWork): { readonly atWork: number; readonly refused: number } {
    return { atWork: this.turns[work].atWork, refused: this.refusals[work] };
  }
}
