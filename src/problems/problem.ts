/** One offending field of a request body: its path (`matchingCriteria[2].type`) and what is wrong with it. */
export interface InvalidField {
  readonly name: string;
  readonly reason: string;
}

/** One offending query parameter and what is wrong with it. */
export interface InvalidParam {
  readonly name: string;
  readonly reason: string;
}

/** What a problem may carry beyond its fixed members (docs/api.md, section 6). */
export interface ProblemMembers {
  readonly invalidFields?: readonly InvalidField[];
  readonly invalidParams?: readonly InvalidParam[];
  readonly schemaValidationFailure?: string;
}

/** The fixed members of one entry of the catalogue. */
export interface ProblemDefinition {
  /** N of `https://astra.netapp.io/problems/N`; absent for `about:blank`. */
  readonly number?: number;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/**
 * An answer that is not a success, as RFC 9457 problem details (docs/api.md, section 6).
 *
 * Every class of `catalogue.ts` fixes one number, status, title and detail; `ProblemFilter` is the one place that
 * turns an instance into a response. `cause` is for the log only and never reaches a client.
 */
export abstract class Problem extends Error {
  protected constructor(
    readonly definition: ProblemDefinition,
    readonly members: ProblemMembers = {},
    /** Response headers that belong to this answer, e.g. `WWW-Authenticate`, `Allow`, `Retry-After`. */
    readonly headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(definition.detail, options);
    this.name = new.target.name;
  }

  get status(): number {
    return this.definition.status;
  }

  /** The `type` member: a URI of the published API, or `about:blank` where the catalogue has no number. */
  get type(): string {
    return this.definition.number === undefined
      ? 'about:blank'
      : `https://astra.netapp.io/problems/${this.definition.number}`;
  }
}
