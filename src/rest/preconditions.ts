import type { IncomingHttpHeaders } from 'node:http';
import { InvalidHeaders, PreconditionNotMet } from '../problems/catalogue.js';
import { httpTime } from './http-date.js';

/** What a precondition is held against. */
export interface Validators {
  /** Strong entity tag with its quotes. */
  readonly entityTag: string;
  /** Last modification in the API's form, `2022-10-06T20:58:16.305662Z`. */
  readonly modificationTimestamp: string;
}

const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/;

/**
 * The conditional headers of a PUT or DELETE (docs/api.md, section 3; RFC 9110, section 13). Reading them throws
 * `InvalidHeaders` where one is malformed: a date or tag that cannot be understood must not turn a guarded write
 * into an unguarded one.
 */
export class Preconditions {
  private readonly ifMatch: readonly string[] | '*' | undefined;
  private readonly ifNoneMatch: readonly string[] | '*' | undefined;
  private readonly ifUnmodifiedSince: number | undefined;
  private readonly ifModifiedSince: number | undefined;

  constructor(headers: IncomingHttpHeaders) {
    this.ifMatch = readEntityTags(headers['if-match']);
    this.ifNoneMatch = readEntityTags(headers['if-none-match']);
    this.ifUnmodifiedSince = readHttpDate(headers['if-unmodified-since']);
    this.ifModifiedSince = readHttpDate(headers['if-modified-since']);
  }

  /** @throws PreconditionNotMet when a header sent does not hold for the stored resource */
  check(stored: Validators): void {
    // HTTP dates have whole seconds; the stored microseconds are cut, as Last-Modified cuts them.
    const modified = Math.floor(Date.parse(stored.modificationTimestamp) / 1000) * 1000;
    const holds =
      (this.ifMatch === undefined || includesTag(this.ifMatch, stored.entityTag)) &&
      // RFC 9110, 13.2.2: a date is only looked at where the tag that supersedes it was not sent.
      (this.ifMatch !== undefined || this.ifUnmodifiedSince === undefined || modified <= this.ifUnmodifiedSince) &&
      (this.ifNoneMatch === undefined || !includesTag(this.ifNoneMatch, stored.entityTag)) &&
      (this.ifNoneMatch !== undefined || this.ifModifiedSince === undefined || modified > this.ifModifiedSince);
    if (!holds) throw new PreconditionNotMet();
  }
}

/** Strong comparison: a weak tag (`W/"…"`) never equals the strong tags that this service sends. */
function includesTag(tags: readonly string[] | '*', entityTag: string): boolean {
  return tags === '*' || tags.includes(entityTag);
}

function readEntityTags(header: string | undefined): readonly string[] | '*' | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return '*';
  // RFC 9110, section 5.6.1: empty elements of a list mean nothing.
  let rest = header.replace(/^[\s,]+/, '');
  const tags: string[] = [];
  while (rest !== '') {
    const tag = ENTITY_TAG.exec(rest)?.[0];
    if (tag === undefined) throw new InvalidHeaders();
    tags.push(tag);
    rest = rest.slice(tag.length).trimStart();
    if (rest !== '' && !rest.startsWith(',')) throw new InvalidHeaders();
    rest = rest.replace(/^[\s,]+/, '');
  }
  if (tags.length === 0) throw new InvalidHeaders();
  return tags;
}

function readHttpDate(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const time = httpTime(header);
  if (time === undefined) throw new InvalidHeaders();
  return time;
}
