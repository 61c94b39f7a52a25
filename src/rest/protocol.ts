import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/caller.js';
import { Database, type Transaction } from '../database/database.js';
import { violatedConstraint } from '../database/postgres-problem.js';
import { ResourceConflict } from '../problems/catalogue.js';
import { newIdentifier } from '../query/identifier.js';
import { CreatedAnswer, type JsonAnswer, ResourceAnswer } from './answer.js';
import type { Declarations } from './declaration.js';
import { entityTag } from './entity-tag.js';
import { IdempotentWrites } from './idempotency/idempotent-writes.service.js';
import type { IncomingRequest } from './incoming.js';
import { Lists } from './lists.js';
import type { Validators } from './preconditions.js';
import { initialValues, mergedValues, type Resource, type UpdateBody, type Values } from './resource.js';
import { type Alteration, type Change, Overtaken, type Rules } from './rules.js';
import type { StoredRow } from './table.js';

/** How every foreign key that refers to an account by itself ends. */
const ACCOUNT_KEY = '_account_fk';

/**
 * What every resource does alike: the order of checks, preconditions, idempotency, `Location`, entity tags, and what a
 * violated constraint is answered with (docs/api.md, sections 2, 3 and 6). What only one resource does is in its rules.
 *
 * A write is permitted at its own moment: in its transaction, with the row locked, the caller is looked up again, and
 * what they may see and change (section 7). The first look only decides what is answered before the body is read.
 */
@Injectable()
export class Protocol {
  constructor(
    private readonly database: Database,
    private readonly writes: IdempotentWrites,
    private readonly lists: Lists,
  ) {}

  /** POST. @throws what the request and the rules throw, CollectionNotFound, ResourceConflict */
  async create<D extends Declarations, Row extends StoredRow, Prepared>(
    rules: Rules<D, Row, Prepared>,
    request: IncomingRequest,
  ): Promise<CreatedAnswer> {
    const { resource, table } = rules;
    await rules.requireParent?.(this.database, request, request.caller);
    const body = await request.body(resource.Create);
    rules.inspect?.(body, request);
    requireSame(resource, body, request);
    const values = initialValues(resource, body);
    const prepared = await preparedBy(rules, values, undefined, request);
    const permit = async (transaction: Transaction): Promise<Caller> => {
      const caller = await request.permit(transaction);
      await rules.requireParent?.(transaction, request, caller);
      return caller;
    };
    const answer = await this.settled(rules, request, () =>
      this.writes.once<CreatedAnswer<string>>(
        request.caller,
        request.idempotencyKey(),
        permit,
        async (transaction, caller) => {
          const id = newIdentifier();
          const change: Change<D, Row, Prepared> = {
            transaction,
            request,
            caller,
            id,
            values,
            stored: undefined,
            prepared,
          };
          const admitted = (await rules.admit?.(change)) ?? values;
          const row = await table.insert(transaction, keyOf(resource, request, id), admitted, caller.userId);
          const shownOnce = await rules.created?.({ ...change, values: admitted });
          const json = shownOnce === undefined ? row.json : withMembers(row.json, shownOnce);
          const created = new CreatedAnswer(json, validatorsOf(row), `${rules.path(request)}/${id}`);
          return { answer: created, keptJson: row.json };
        },
      ),
    );
    return rules.represent === undefined ? answer : answer.with(await rules.represent(answer, request));
  }

  /** GET of the collection. @throws what the request and the rules throw, CollectionNotFound */
  async list<D extends Declarations, Row extends StoredRow, Prepared>(
    rules: Rules<D, Row, Prepared>,
    request: IncomingRequest,
  ): Promise<JsonAnswer> {
    await rules.requireParent?.(this.database, request, request.caller);
    return this.lists.answer(request, rules.list(request));
  }

  /** GET of one resource. @throws what the request and the rules throw, CollectionNotFound */
  async get<D extends Declarations, Row extends StoredRow, Prepared>(
    rules: Rules<D, Row, Prepared>,
    request: IncomingRequest,
  ): Promise<ResourceAnswer> {
    const row = await this.found(rules, request);
    request.requireNoQuery();
    const answer = new ResourceAnswer(row.json, validatorsOf(row));
    return rules.represent === undefined
      ? answer
      : new ResourceAnswer(await rules.represent(answer, request, row), answer.validators);
  }

  /**
   * PUT: replaces what the body names and keeps what it leaves out.
   * @throws what the request and the rules throw, ResourceNotFound, PreconditionNotMet, ResourceConflict
   */
  async replace<D extends Declarations, Row extends StoredRow, Prepared>(
    rules: Rules<D, Row, Prepared>,
    request: IncomingRequest,
  ): Promise<void> {
    const { resource, table } = rules;
    let row = await this.found(rules, request);
    rules.requireChangeable?.(row, request.caller);
    const preconditions = request.preconditions();
    preconditions.check(validatorsOf(row));
    const body = await request.body(resource.Update);
    requireSame(resource, body, request, row);
    rules.inspect?.(body, request);
    for (;;) {
      const prepared = await preparedBy(rules, body, row, request);
      try {
        await this.alter(rules, request, body, async (write) => {
          preconditions.check(validatorsOf(write.stored));
          const values = mergedValues(resource, body, write.stored);
          const admitted = (await rules.admit?.({ ...write, values, prepared })) ?? values;
          await table.update(write.transaction, keyOf(resource, request, write.id), admitted, write.caller.userId);
        });
        return;
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
        row = await this.found(rules, request);
      }
    }
  }

  /** DELETE. @throws what the request and the rules throw, ResourceNotFound, PreconditionNotMet */
  async delete<D extends Declarations, Row extends StoredRow, Prepared>(
    rules: Rules<D, Row, Prepared>,
    request: IncomingRequest,
  ): Promise<void> {
    const { resource, table } = rules;
    const row = await this.found(rules, request);
    rules.requireChangeable?.(row, request.caller);
    const preconditions = request.preconditions();
    preconditions.check(validatorsOf(row));
    request.requireNoQuery();
    await this.alter(rules, request, undefined, async (write) => {
      preconditions.check(validatorsOf(write.stored));
      if (rules.remove === undefined) await table.delete(write.transaction, keyOf(resource, request, write.id));
      else await rules.remove(write);
    });
  }

  /** The row that the path names. @throws the method's 404 where there is none that the caller may see */
  private async found<D extends Declarations, Row extends StoredRow, Prepared>(
    rules: Rules<D, Row, Prepared>,
    request: IncomingRequest,
  ): Promise<Row> {
    const { database } = this;
    const { resource, table } = rules;
    await rules.requireParent?.(database, request, request.caller);
    const key = keyOf(resource, request, request.parameter(resource.idParameter));
    const row = await (rules.find === undefined ? table.find(database, key) : rules.find(request));
    if (row === undefined) throw request.notFound();
    if (rules.isVisible !== undefined && !(await rules.isVisible(row, database, request, request.caller))) {
      throw request.notFound();
    }
    return row;
  }

  /** Changes or deletes a row that is locked, once its writer is known to be permitted still. */
  private async alter<D extends Declarations, Row extends StoredRow, Prepared>(
    rules: Rules<D, Row, Prepared>,
    request: IncomingRequest,
    body: UpdateBody<D> | undefined,
    run: (alteration: Alteration<D, Row>) => Promise<void>,
  ): Promise<void> {
    const { resource, table } = rules;
    const id = request.parameter(resource.idParameter);
    await this.settled(rules, request, () =>
      this.database.transaction(async (transaction) => {
        const key = keyOf(resource, request, id);
        await table.lock(transaction, key);
        const caller = await request.permit(transaction);
        await rules.requireParent?.(transaction, request, caller);
        const stored = await table.read(transaction, key);
        if (stored === undefined) throw request.notFound();
        if (rules.isVisible !== undefined && !(await rules.isVisible(stored, transaction, request, caller))) {
          throw request.notFound();
        }
        rules.requireChangeable?.(stored, caller);
        const write = { transaction, request, caller, id, stored, body };
        await (rules.around === undefined ? run(write) : rules.around(write, () => run(write)));
      }),
    );
  }

  /** Answers what only the database settles: a name taken, or a row gone, by a concurrent writer. */
  private async settled<T>(
    { conflicts }: Pick<Rules<Declarations>, 'conflicts'>,
    request: IncomingRequest,
    write: () => Promise<T>,
  ): Promise<T> {
    try {
      return await write();
    } catch (error) {
      const constraint = violatedConstraint(error);
      if (constraint === undefined) throw error;
      const problem = conflicts?.[constraint]?.(request);
      if (problem !== undefined) throw problem;
      // The account was there when the guard looked, and was deleted before the row was written.
      throw constraint.endsWith(ACCOUNT_KEY) ? request.notFound() : error;
    }
  }
}

/** What the rules prepare; rules that prepare nothing take nothing. */
async function preparedBy<D extends Declarations, Row extends StoredRow, Prepared>(
  rules: Rules<D, Row, Prepared>,
  body: Values<D> | UpdateBody<D>,
  stored: Row | undefined,
  request: IncomingRequest,
): Promise<Prepared> {
  return (await rules.prepare?.(body, stored, request)) as Prepared;
}

/** The values of the table's key for the row that a request is about. */
export function keyOf({ keys }: Pick<Resource, 'keys'>, request: IncomingRequest, id: string): string[] {
  return [...keys.map((column) => request.parameter(column)), id];
}

/** What conditional headers are held against (docs/api.md, section 3). */
export function validatorsOf({ taggedJson, modifiedAt }: Omit<StoredRow, 'json'>): Validators {
  return { entityTag: entityTag(taggedJson), modificationTimestamp: modifiedAt };
}

/** @throws ResourceConflict naming every field that was sent and differs from the path, or from what cannot change */
function requireSame(
  { fields }: Pick<Resource, 'fields'>,
  body: object,
  request: IncomingRequest,
  stored?: StoredRow,
): void {
  const sent = body as Readonly<Record<string, unknown>>;
  const conflicts = Object.entries(fields).flatMap(
    ([
      name,
      {
        options: { path, set },
      },
    ]) => {
      const ofPath = path === undefined ? undefined : request.optionalParameter(path);
      const expected = set === 'fixed' ? (stored as Readonly<Record<string, unknown>> | undefined)?.[name] : ofPath;
      if (sent[name] === undefined || expected === undefined || sent[name] === expected) return [];
      return [{ name, reason: `must be ${JSON.stringify(expected)}` }];
    },
  );
  if (conflicts.length > 0) throw new ResourceConflict(conflicts);
}

/** The JSON of an object with members added. */
function withMembers(json: string, members: Readonly<Record<string, string>>): string {
  return `${json.slice(0, -1)},${JSON.stringify(members).slice(1)}`;
}
