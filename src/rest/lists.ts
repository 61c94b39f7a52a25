import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Admission } from '../operations/admission.js';
import type { CollectionDefinition } from '../query/collection-definition.js';
import { JsonAnswer } from './answer.js';
import { type CollectionList, isLong, listCollection } from './collection-list.js';
import type { IncomingRequest } from './incoming.js';
import { duringTurn } from './turn-of-request.js';

/** A collection as one request asks for it. */
export interface ListedCollection<Columns extends object = never> extends Pick<
  CollectionList<Columns>,
  'scope' | 'complete'
> {
  readonly definition: CollectionDefinition;
  /** Identifiers that tell it from the same collection elsewhere: a `continue` token of another one is refused. */
  readonly walk: readonly string[];
}

/** Answers every list (docs/api.md, section 5). */
@Injectable()
export class Lists {
  constructor(
    private readonly database: Database,
    private readonly admission: Admission,
  ) {}

  /**
   * A list that is long, in rows or in bytes, waits for its turn, because it holds a connection while its client reads.
   * A client that reads too slowly for that is cut.
   * @throws NotAcceptable, QueryParametersNotSupported, InvalidQueryParameters, PlainProblem 429, ServiceNotReady, and
   *   what `scope` and `complete` throw
   */
  async answer<Columns extends object>(
    request: IncomingRequest,
    { definition, walk, ...rest }: ListedCollection<Columns>,
  ): Promise<JsonAnswer> {
    const query = request.query(definition, walk);
    const list: CollectionList<Columns> = {
      database: this.database,
      definition,
      query,
      caller: request.caller.userId,
      signal: request.signal,
      ...rest,
    };
    if (!isLong(list)) {
      const page = await listCollection(list);
      if (typeof page === 'string') return new JsonAnswer(page);
      // It is begun again once it has a turn: nobody waits for one with a connection in hand.
      page.destroy();
    }
    return duringTurn(this.admission, 'list', request, async () => {
      request.cutSlowReader();
      return new JsonAnswer(await listCollection(list));
    });
  }
}
