import type { Readable } from 'node:stream';
import type { Caller } from '../access/caller.js';
import type { Queryable, Transaction } from '../database/database.js';
import type { Problem } from '../problems/problem.js';
import type { CreatedAnswer, ResourceAnswer } from './answer.js';
import type { Declarations } from './declaration.js';
import type { IncomingRequest } from './incoming.js';
import type { ListedCollection } from './lists.js';
import type { CreateBody, Resource, UpdateBody, Values } from './resource.js';
import type { StoredRow, Table } from './table.js';

/** What violated constraints of the database are answered with, by their names. */
export type Conflicts = Readonly<Record<string, (request: IncomingRequest) => Problem>>;

/** A write that is under way, in its transaction. */
export interface Write {
  readonly transaction: Transaction;
  readonly request: IncomingRequest;
  /** Who writes, as they are now. */
  readonly caller: Caller;
  readonly id: string;
}

/** A resource that is to be stored. */
export interface Change<D extends Declarations, Row extends StoredRow, Prepared = unknown> extends Write {
  /** All that will be stored of it. */
  readonly values: Values<D>;
  /** What is stored now, locked; undefined where it is to be created. */
  readonly stored: (Row & Values<D>) | undefined;
  /** What `prepare` answered; undefined where there is none. */
  readonly prepared: Prepared;
}

/** A stored resource that is to be changed or deleted. */
export interface Alteration<D extends Declarations, Row extends StoredRow> extends Write {
  readonly stored: Row & Values<D>;
  /** The body of the PUT; undefined for a DELETE. */
  readonly body: UpdateBody<D> | undefined;
}

/** Another writer has changed what a write was prepared for: it is prepared again, from its beginning. */
export class Overtaken extends Error {}

/**
 * What only one resource does; everything else is the protocol's. Each function is left out where a resource has nothing
 * to say.
 */
export interface Rules<D extends Declarations, Row extends StoredRow = StoredRow, Prepared = unknown> {
  readonly resource: Resource<D>;
  readonly table: Table<D, Row>;
  readonly conflicts?: Conflicts;
  /** The path of the collection, of which `Location` is made. */
  path(request: IncomingRequest): string;
  list(request: IncomingRequest): ListedCollection;
  /** What the path names above the collection is there, and the caller may see it. @throws the method's 404, or 403 */
  requireParent?(queryable: Queryable, request: IncomingRequest, caller: Caller): Promise<void>;
  /** The row that the path names, where that is not the table's own. */
  find?(request: IncomingRequest): Promise<Row | undefined>;
  /** Whether the caller may see the row. */
  isVisible?(row: Row, queryable: Queryable, request: IncomingRequest, caller: Caller): boolean | Promise<boolean>;
  /** @throws a 403 where nobody, or not this caller, may change or delete the row */
  requireChangeable?(row: Row, caller: Caller): void;
  /** Looks at a body by itself. @throws what is wrong with it beyond its shape */
  inspect?(body: CreateBody<D> | UpdateBody<D>, request: IncomingRequest): void;
  /** Work that takes long, done before the transaction; `stored` is undefined where the resource is to be created. */
  prepare?(body: Values<D> | UpdateBody<D>, stored: Row | undefined, request: IncomingRequest): Promise<Prepared>;
  /**
   * Checks what is to be stored, and completes it by what the service derives.
   * @throws what is wrong with it; Overtaken
   */
  admit?(change: Change<D, Row, Prepared>): Promise<Values<D>> | Values<D>;
  /** What else is written with a new resource. @returns a member that only the first answer to the POST has */
  created?(change: Change<D, Row, Prepared>): Promise<Readonly<Record<string, string>> | undefined>;
  /** Writes what an update or a deletion consists of, with what has to hold around it. */
  around?(alteration: Alteration<D, Row>, run: () => Promise<void>): Promise<void>;
  /** Deletes the row with what the database does not take along by itself. */
  remove?(alteration: Alteration<D, Row>): Promise<void>;
  /** The JSON of an answer, where more is shown than is stored; without a row, of a POST. */
  represent?(
    answer: ResourceAnswer<string> | CreatedAnswer<string>,
    request: IncomingRequest,
    row?: Row,
  ): Promise<string | Readable>;
}
