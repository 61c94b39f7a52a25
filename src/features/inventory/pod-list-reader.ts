import { MAX_INVALID_FIELDS } from '../../rest/storable-text.js';
import { refuseServerAnswer } from '../../rest/json-text.js';
import { othersFirst } from '../../turns/others-first.js';
import { ExtendedValidationFailure, SchemaViolation } from '../../problems/catalogue.js';
import type { InvalidField } from '../../problems/problem.js';
import { type ListEntry, ListParser, ValueLimitExceeded, type ValueLimits } from './list-parser.js';
import { type ListedPod, readPod } from './listed-pod.js';

/** Bounds of one pod: etcd takes objects of 1.5 MiB, and a pod with all its managed fields nests some 15 levels. */
export const POD_LIMITS: ValueLimits = { bytes: 4 * 1024 ** 2, nesting: 100 };

/** After this many milliseconds of work in a row, other requests get their turn. */
const TURN_MS = 2;

/** A longer chunk is worked through in slices of this many bytes. */
const SLICE_BYTES = 64 * 1024;

/** The members of a list that say what it is; what else it has is not looked at. */
const MEMBERS: readonly string[] = ['kind', 'apiVersion', 'metadata', 'message', 'items'];

/** Stands for an array of items, which comes item by item. */
const ITEM_BY_ITEM = Symbol('items');

const WHAT_TO_SEND = 'send a PodList, or a List of Pods, as `kubectl get pods -o json` prints it';

/**
 * The pods of a Kubernetes `PodList`, or of a `List` of `Pod`s, while its bytes arrive (docs/api.md, section 8). At most
 * one pod is in memory, and the event loop is never held for long, whatever the size of the list and of the chunks.
 *
 * That all is well is only known when the iteration has ended without an error: `kubectl` prints the list's `kind`
 * after the items.
 *
 * @throws InvalidJsonPayload for what is no JSON, and for what an API server answers instead of a list
 * @throws ExtendedValidationFailure for one page of a longer list
 * @throws SchemaViolation for anything else that is wrong, with the path of each field, at most
 *   {@link MAX_INVALID_FIELDS} of them; from the first one on, no more pods come
 */
export async function* readPodList(
  bytes: AsyncIterable<Buffer>,
  limits: ValueLimits,
): AsyncGenerator<ListedPod, void, undefined> {
  const parser = new ListParser(limits);
  const list = new PodListCheck();
  let turnEnds = performance.now() + TURN_MS;
  try {
    for await (const chunk of bytes) {
      for (let start = 0; start < chunk.length; start += SLICE_BYTES) {
        for (const entry of parser.write(chunk.subarray(start, start + SLICE_BYTES))) {
          const pod = list.pod(entry);
          if (pod !== undefined) yield pod;
          if (performance.now() >= turnEnds) turnEnds = await nextTurn();
        }
        if (performance.now() >= turnEnds) turnEnds = await nextTurn();
      }
    }
    for (const entry of parser.end()) list.pod(entry);
  } catch (error) {
    if (error instanceof ValueLimitExceeded) throw list.violation(error.field);
    throw error;
  }
  list.requireValid();
}

async function nextTurn(): Promise<number> {
  await othersFirst();
  return performance.now() + TURN_MS;
}

/** What is known of the list so far. */
class PodListCheck {
  private readonly podProblems: InvalidField[] = [];
  private readonly listProblems: InvalidField[] = [];
  /** The members that matter, as far as they came; `items` may be an array that came item by item. */
  private readonly members = new Map<string, unknown>();
  /** Items without a kind: a `PodList` says it for all of them, and a `List` does not. */
  private readonly withoutKind: InvalidField[] = [];

  /** @returns the pod that an entry stands for, as long as nothing was wrong */
  pod(entry: ListEntry): ListedPod | undefined {
    switch (entry.type) {
      case 'item':
        return this.item(entry.value, entry.index);
      case 'items':
        this.member('items', ITEM_BY_ITEM);
        return undefined;
      case 'member':
        if (MEMBERS.includes(entry.name)) this.member(entry.name, entry.value);
        return undefined;
      case 'body':
        this.listProblems.push({ name: 'body', reason: `must be an object: ${WHAT_TO_SEND}` });
        return undefined;
    }
  }

  /** To be called at the end of the list. @throws InvalidJsonPayload, SchemaViolation, ExtendedValidationFailure */
  requireValid(): void {
    refuseServerAnswer(Object.fromEntries(this.members));
    if (this.listProblems.length === 0) this.checkMembers();
    // With the wrong kind of list, what is wrong with its items is beside the point.
    if (this.listProblems.length > 0) throw new SchemaViolation(this.listProblems);
    if (this.members.get('kind') === 'List') this.podProblems.push(...this.withoutKind);
    if (this.podProblems.length > 0) throw this.violation();
    this.requireWhole();
  }

  /** @throws ExtendedValidationFailure for a list that says of itself that it is one page of a longer one */
  private requireWhole(): void {
    const { continue: token, remainingItemCount } = this.metadata;
    const hasMore = typeof remainingItemCount === 'number' && remainingItemCount > 0;
    if ((token ?? '') === '' && !hasMore) return;
    const reason =
      'says that this is one page of a longer list: send the whole list, as `kubectl get pods` does without --chunk-size, or all pages as one';
    throw new ExtendedValidationFailure([{ name: 'metadata.continue', reason }]);
  }

  private get metadata(): Readonly<Record<string, unknown>> {
    const metadata = this.members.get('metadata') ?? {};
    return typeof metadata === 'object' ? (metadata as Readonly<Record<string, unknown>>) : {};
  }

  /** What was wrong with the pods until now, and a last field that ends the reading. */
  violation(last?: InvalidField): SchemaViolation {
    const fields = last === undefined ? this.podProblems : [...this.podProblems, last];
    if (fields.length < MAX_INVALID_FIELDS) return new SchemaViolation(fields);
    const more = `may have further errors: only the first ${MAX_INVALID_FIELDS} are listed`;
    return new SchemaViolation([...fields.slice(0, MAX_INVALID_FIELDS), { name: 'items', reason: more }]);
  }

  private item(value: unknown, index: number): ListedPod | undefined {
    if (isWithoutKind(value) && this.withoutKind.length < MAX_INVALID_FIELDS) {
      this.withoutKind.push({ name: `items[${index}].kind`, reason: 'must be "Pod"' });
    }
    const pod = readPod(value, index, this.podProblems);
    if (this.podProblems.length >= MAX_INVALID_FIELDS) throw this.violation();
    return this.podProblems.length === 0 ? pod : undefined;
  }

  private member(name: string, value: unknown): void {
    if (this.members.has(name)) this.listProblems.push({ name, reason: 'must not be given twice' });
    this.members.set(name, value);
  }

  private checkMetadata(): void {
    const metadata = this.members.get('metadata') ?? {};
    if (typeof metadata !== 'object' || Array.isArray(metadata)) {
      this.listProblems.push({ name: 'metadata', reason: 'must be an object' });
    }
    const { continue: token, remainingItemCount } = this.metadata;
    if (typeof (token ?? '') !== 'string') {
      this.listProblems.push({ name: 'metadata.continue', reason: 'must be a string' });
    }
    if (!isNumber(remainingItemCount ?? 0)) {
      this.listProblems.push({ name: 'metadata.remainingItemCount', reason: 'must be a whole number' });
    }
  }

  private checkMembers(): void {
    const kind = this.members.get('kind');
    if (kind === 'Pod') {
      const reason = `must not be that of a single pod: ${WHAT_TO_SEND} when no pod is named`;
      this.listProblems.push({ name: 'kind', reason });
      return;
    }
    // A Go client leaves the kind of a list out that it writes, and never its metadata.
    const isOfGo = kind === undefined && this.members.has('metadata') && this.members.get('items') === ITEM_BY_ITEM;
    if (kind !== 'PodList' && kind !== 'List' && !isOfGo) {
      this.listProblems.push({ name: 'kind', reason: `must be "PodList" or "List": ${WHAT_TO_SEND}` });
      return;
    }
    const apiVersion = this.members.get('apiVersion');
    if (apiVersion !== undefined && apiVersion !== 'v1') {
      this.listProblems.push({ name: 'apiVersion', reason: 'must be "v1"' });
    }
    if (this.members.get('items') !== ITEM_BY_ITEM) {
      this.listProblems.push({ name: 'items', reason: 'must be an array of pods' });
    }
    this.checkMetadata();
  }
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value);
}

function isWithoutKind(item: unknown): boolean {
  return typeof item === 'object' && item !== null && !('kind' in item);
}
