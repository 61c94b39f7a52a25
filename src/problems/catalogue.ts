import { STATUS_CODES } from 'node:http';
import { type InvalidField, type InvalidParam, Problem, type ProblemMembers } from './problem.js';

/**
 * The whole catalogue of docs/api.md, section 6, one class a problem. `catalogue.spec.ts` holds the published
 * table and fails when a number, status, title or detail here drifts from it.
 */

/** 404 answer of GET and POST: whatever of the path is missing, foreign or no identifier. */
export class CollectionNotFound extends Problem {
  static readonly definition = {
    number: 2,
    status: 404,
    title: 'Collection not found',
    detail: "The collection specified in the request URI wasn't found.",
  };
  constructor() {
    super(CollectionNotFound.definition);
  }
}

/** 404 answer of PUT and DELETE: whatever of the path is missing, foreign or no identifier. */
export class ResourceNotFound extends Problem {
  static readonly definition = {
    number: 1,
    status: 404,
    title: 'Resource not found',
    detail: "The resource specified in the request URI wasn't found.",
  };
  constructor() {
    super(ResourceNotFound.definition);
  }
}

const CHALLENGE = { 'www-authenticate': 'Bearer realm="execution-hooks"' };
const INVALID_TOKEN_CHALLENGE = { 'www-authenticate': 'Bearer realm="execution-hooks", error="invalid_token"' };

export class MissingBearerToken extends Problem {
  static readonly definition = {
    number: 3,
    status: 401,
    title: 'Missing bearer token',
    detail: 'The request is missing the required bearer token.',
  };
  constructor() {
    super(MissingBearerToken.definition, {}, CHALLENGE);
  }
}

export class InvalidBearerToken extends Problem {
  static readonly definition = {
    number: 4,
    status: 401,
    title: 'Invalid bearer token',
    detail: "The bearer token provided is invalid, revoked, or doesn't exist.",
  };
  constructor() {
    super(InvalidBearerToken.definition, {}, INVALID_TOKEN_CHALLENGE);
  }
}

/** A known query parameter with a bad value; every offending one is named. */
export class InvalidQueryParameters extends Problem {
  static readonly definition = {
    number: 5,
    status: 400,
    title: 'Invalid query parameters',
    detail: 'The supplied query parameters are invalid.',
  };
  constructor(invalidParams: readonly InvalidParam[]) {
    super(InvalidQueryParameters.definition, { invalidParams });
  }
}

/** A query parameter that the endpoint does not have; every such one is named. */
export class QueryParametersNotSupported extends Problem {
  static readonly definition = {
    number: 6,
    status: 400,
    title: 'Query parameters not supported',
    detail: "The supplied query parameters aren't supported for this endpoint.",
  };
  constructor(invalidParams: readonly InvalidParam[]) {
    super(QueryParametersNotSupported.definition, { invalidParams });
  }
}

export class InvalidJsonPayload extends Problem {
  static readonly definition = {
    number: 7,
    status: 400,
    title: 'Invalid JSON payload',
    detail: 'The request body is not valid JSON.',
  };
  /** @param field what of the body cannot be read, where it is known: the place and the reason */
  constructor(field?: InvalidField, options?: ErrorOptions) {
    super(InvalidJsonPayload.definition, field && { invalidFields: [field] }, {}, options);
  }
}

/** The body's shape is wrong: missing, wrong type, enum, length, unknown field. Every offending field is named. */
export class SchemaViolation extends Problem {
  static readonly definition = {
    number: 8,
    status: 400,
    title: 'Invalid JSON resource',
    detail: "The request body JSON doesn't conform to the schema.",
  };
  constructor(invalidFields: readonly InvalidField[]) {
    super(SchemaViolation.definition, {
      invalidFields,
      schemaValidationFailure: invalidFields.map((field) => `${field.name}: ${field.reason}`).join('; '),
    });
  }
}

/** The body's shape is right and a rule beyond it is broken. Every offending field is named. */
export class ExtendedValidationFailure extends Problem {
  static readonly definition = {
    number: 9,
    status: 400,
    title: 'Invalid JSON resource',
    detail: "The request body JSON didn't pass extended validation.",
  };
  constructor(invalidFields: readonly InvalidField[]) {
    super(ExtendedValidationFailure.definition, { invalidFields });
  }
}

/** A value that must be unique is taken, or a value that cannot change was changed. */
export class ResourceConflict extends Problem {
  static readonly definition = {
    number: 10,
    status: 409,
    title: 'JSON resource conflict',
    detail: 'The request body JSON contains a field that conflicts with an idempotent value.',
  };
  constructor(invalidFields: readonly InvalidField[]) {
    super(ResourceConflict.definition, { invalidFields });
  }
}

/** The caller's role is too low for the operation. */
export class OperationNotPermitted extends Problem {
  static readonly definition = {
    number: 11,
    status: 403,
    title: 'Operation not permitted',
    detail: "The requested operation isn't permitted.",
  };
  constructor() {
    super(OperationNotPermitted.definition);
  }
}

/** A request header that the service reads is malformed; `invalidParams` names it where several may be meant. */
export class InvalidHeaders extends Problem {
  static readonly definition = {
    number: 12,
    status: 400,
    title: 'Invalid headers',
    detail: 'The request headers are invalid.',
  };
  constructor({ invalidParams, ...options }: ErrorOptions & Pick<ProblemMembers, 'invalidParams'> = {}) {
    super(InvalidHeaders.definition, invalidParams === undefined ? {} : { invalidParams }, {}, options);
  }
}

/** The token is good, its user is disabled. */
export class UserNotEnabled extends Problem {
  static readonly definition = {
    number: 14,
    status: 403,
    title: 'Unauthorized access',
    detail: "The user isn't enabled.",
  };
  constructor() {
    super(UserNotEnabled.definition);
  }
}

/** The database cannot be reached or refuses to work at the moment. */
export class ServiceUnavailable extends Problem {
  static readonly definition = {
    number: 24,
    status: 503,
    title: 'Service unavailable',
    detail: 'The service is unavailable.',
  };
  /** @param hint what the client should know beyond it, in sentences */
  constructor(options?: ErrorOptions, hint?: string) {
    const { definition } = ServiceUnavailable;
    const detail = hint === undefined ? definition.detail : `${definition.detail} ${hint}`;
    super({ ...definition, detail }, {}, { 'retry-after': '5' }, options);
  }
}

export class NotAcceptable extends Problem {
  static readonly definition = {
    number: 32,
    status: 406,
    title: 'Unsupported content type',
    detail: "The response can't be returned in the requested format.",
  };
  constructor() {
    super(NotAcceptable.definition);
  }
}

/** Anything unforeseen. The log has the cause under the answer's correlation id. */
export class InternalServerError extends Problem {
  static readonly definition = {
    number: 34,
    status: 500,
    title: 'Internal server error',
    detail: 'The server was unable to process this request.',
  };
  constructor(options?: ErrorOptions) {
    super(InternalServerError.definition, {}, {}, options);
  }
}

/** If-Match, If-None-Match, If-Modified-Since or If-Unmodified-Since does not hold. */
export class PreconditionNotMet extends Problem {
  static readonly definition = {
    number: 38,
    status: 412,
    title: 'Precondition not met',
    detail: "The conditional headers aren't satisfied.",
  };
  constructor() {
    super(PreconditionNotMet.definition);
  }
}

/** The service is starting, stopping or has no capacity at the moment; the client may try again. */
export class ServiceNotReady extends Problem {
  static readonly definition = {
    number: 41,
    status: 503,
    title: 'Service not ready',
    detail: "Currently, the service can't respond to this request.",
  };
  constructor(options?: ErrorOptions) {
    super(ServiceNotReady.definition, {}, { 'retry-after': '1' }, options);
  }
}

/** The path exists, the method does not; `Allow` lists those that do. */
export class MethodNotSupported extends Problem {
  static readonly definition = {
    number: 69,
    status: 405,
    title: 'Method not supported',
    detail: "The requested method isn't supported for the specified resource.",
  };
  constructor(allowed: readonly string[]) {
    super(MethodNotSupported.definition, {}, { allow: allowed.join(', ') });
  }
}

export class PreloadedHookSourceReadOnly extends Problem {
  static readonly definition = {
    number: 71,
    status: 403,
    title: 'Preloaded hook sources read only',
    detail:
      "The hook source resource wasn't created, edited, or deleted. Hook source resources with a preloaded value of true are read only.",
  };
  constructor() {
    super(PreloadedHookSourceReadOnly.definition);
  }
}

export class HookSourceReferenced extends Problem {
  static readonly definition = {
    number: 72,
    status: 403,
    title: 'Hook source referenced by execution hook',
    detail: "The hook source resource wasn't deleted because it is referenced by an execution hook resource.",
  };
  constructor() {
    super(HookSourceReferenced.definition);
  }
}

export class NetappHookReadOnly extends Problem {
  static readonly definition = {
    number: 73,
    status: 403,
    title: 'NetApp execution hooks read only',
    detail:
      "The execution hook resource wasn't created, edited, or deleted. Execution hook resources with a hookType of NetApp are read only.",
  };
  constructor() {
    super(NetappHookReadOnly.definition);
  }
}

export class RequestBodyTooLarge extends Problem {
  static readonly definition = {
    number: 85,
    status: 413,
    title: 'Request body too large',
    detail: 'The request body is too large.',
  };
  constructor() {
    super(RequestBodyTooLarge.definition);
  }
}

/** A status that the published catalogue has no number for (415, 429, …): `about:blank` with the HTTP phrase. */
export class PlainProblem extends Problem {
  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super({ status, title: STATUS_CODES[status] ?? 'Error', detail }, {}, headers, options);
  }
}
