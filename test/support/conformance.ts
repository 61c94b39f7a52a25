import { readFileSync } from 'node:fs';
import type {
  HeaderObject,
  MediaTypeObject,
  OpenAPIObject,
  OperationObject,
  ReferenceObject,
  ResponseObject,
} from '@nestjs/swagger';
import ajvFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Response } from 'supertest';

/** An answer of the service, whatever client received it. Header names are in lower case. */
export interface Answer {
  readonly method: string;
  /** Path of the request, with or without its query string. */
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** A documented operation and where it is. */
export interface Operation {
  readonly method: string;
  /** As the document has it: `/accounts/{account_id}` */
  readonly path: string;
  readonly operation: OperationObject;
}

/** Operations by method of a path item. */
const METHODS = ['get', 'post', 'put', 'delete'] as const;

/**
 * Holds answers of the running service against what an OpenAPI document says of their operation: the status, the
 * headers, the media type, the body. A body must not have a field that the document does not name, and a problem must
 * be one that the document has an example of.
 */
export class Conformance {
  readonly operations: readonly Operation[];
  private readonly ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(private readonly document: OpenAPIObject) {
    ajvFormats.default(this.ajv);
    this.ajv.addKeyword('example');
    this.ajv.addSchema({ $id: ROOT, $defs: closed(document.components?.schemas ?? {}) });
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      METHODS.flatMap((method) => {
        const operation = item[method];
        return operation === undefined ? [] : [{ method, path, operation }];
      }),
    );
  }

  /** The operation that a request is for; undefined when the document has none. */
  operationOf({ method, path }: Pick<Answer, 'method' | 'path'>): Operation | undefined {
    const segments = (path.split('?', 1)[0] ?? '').split('/');
    return this.operations.find(
      (operation) => operation.method === method.toLowerCase() && matches(operation.path.split('/'), segments),
    );
  }

  /** In what an answer differs from its documentation; nothing when it conforms. */
  violations(answer: Answer): string[] {
    const found = this.operationOf(answer);
    if (found === undefined) return ['the operation is not documented'];
    const documented = found.operation.responses[answer.status];
    if (documented === undefined) return [`status ${answer.status} is not documented`];
    const response = this.resolve<ResponseObject>(documented);
    return [...this.headerViolations(answer, response), ...this.bodyViolations(answer, response)];
  }

  /** The documented response of an operation, where it is a reference what that refers to. */
  response({ operation }: Operation, status: number): ResponseObject | undefined {
    const response = operation.responses[status];
    return response === undefined ? undefined : this.resolve<ResponseObject>(response);
  }

  /** What a reference of the document refers to. @throws Error when that is nothing */
  resolve<T extends object>(value: T | ReferenceObject): T {
    if (!('$ref' in value)) return value;
    let at: unknown = this.document;
    for (const key of value.$ref.split('/').slice(1)) at = (at as Readonly<Record<string, unknown>> | undefined)?.[key];
    if (at === undefined) throw new Error(`${value.$ref} refers to nothing.`);
    return at as T;
  }

  /** Why a value does not fit a schema of the document; nothing when it does. */
  schemaViolations(schema: object, value: unknown): string[] {
    const text = JSON.stringify(rewritten(schema));
    let validate = this.validators.get(text);
    if (validate === undefined) {
      validate = this.ajv.compile(JSON.parse(text) as object);
      this.validators.set(text, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
    );
  }

  private headerViolations({ headers }: Answer, response: ResponseObject): string[] {
    const documented = response.headers ?? {};
    const undocumented = Object.keys(this.document.components?.headers ?? {}).filter(
      (name) => headers[name.toLowerCase()] !== undefined && !(name in documented),
    );
    return [
      ...undocumented.map((name) => `the header ${name} is not documented`),
      ...Object.entries(documented).flatMap(([name, reference]) => {
        const header = this.resolve<HeaderObject>(reference);
        const value = headers[name.toLowerCase()];
        if (value === undefined) return header.required === true ? [`the header ${name} is missing`] : [];
        return this.schemaViolations(header.schema ?? {}, value).map((reason) => `the header ${name}${reason}`);
      }),
    ];
  }

  private bodyViolations(answer: Answer, { content }: ResponseObject): string[] {
    const contentType = answer.headers['content-type'];
    if (content === undefined) {
      return [
        ...(answer.text === '' ? [] : ['the body is not empty']),
        ...(contentType === undefined ? [] : [`there is a content type, ${contentType}`]),
      ];
    }
    const media = content[contentType ?? ''];
    if (media === undefined) return [`the content type ${contentType ?? '(none)'} is not documented`];
    let body: unknown;
    try {
      body = JSON.parse(answer.text) as unknown;
    } catch {
      return ['the body is not JSON'];
    }
    return [
      ...this.schemaViolations(media.schema ?? {}, body).map((reason) => `the body: ${reason}`),
      ...(contentType === PROBLEM ? this.problemViolations(answer, body as Problem, media) : []),
    ];
  }

  private problemViolations({ status, headers }: Answer, problem: Problem, { examples }: MediaTypeObject): string[] {
    const types = Object.values(examples ?? {}).map(
      (example) => (this.resolve<{ value?: unknown }>(example).value as Problem).type,
    );
    return [
      ...(types.includes(problem.type) ? [] : [`${problem.type} is not documented`]),
      ...(problem.status === String(status) ? [] : [`the problem's status is ${problem.status}`]),
      ...(problem.correlationID === headers['x-correlation-id'] ? [] : ['the correlation IDs differ']),
    ];
  }
}

interface Problem {
  readonly type: string;
  readonly status: string;
  readonly correlationID: string;
}

const PROBLEM = 'application/problem+json';

/** The URI of the schemas inside the validator. */
const ROOT = 'https://openapi.invalid/schemas';

/** Schemas with their references to each other as the validator has them. */
function rewritten(schema: object): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/schemas/', `"${ROOT}#/$defs/`)) as unknown;
}

/** Schemas of objects that have no other properties than those that are named. */
function closed(schemas: object): unknown {
  return JSON.parse(JSON.stringify(rewritten(schemas)), (_key, value: unknown) =>
    isObjectSchema(value) ? { additionalProperties: false, ...value } : value,
  ) as unknown;
}

function isObjectSchema(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'object' &&
    'properties' in value &&
    typeof value.properties === 'object'
  );
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => (part.startsWith('{') ? segments[index] !== '' : part === segments[index]))
  );
}

let committed: Conformance | undefined;

/** Conformance to `openapi.json` as it is committed. */
export function committedConformance(): Conformance {
  committed ??= new Conformance(
    JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as OpenAPIObject,
  );
  return committed;
}

/** What a supertest response says, for {@link Conformance}. */
export function answerOf(response: Response): Answer {
  const { method, url } = response.request as { readonly method: string; readonly url: string };
  const { pathname, search } = new URL(url);
  // Without a body, superagent makes up an empty object and no text.
  return { method, path: pathname + search, status: response.status, headers: response.headers, text: response.text };
}

/**
 * For any end-to-end test: the answer is as `openapi.json` documents it.
 *
 * @throws Error that lists in what it is not
 */
export function requireConformance(response: Response): void {
  const answer = answerOf(response);
  const violations = committedConformance().violations(answer);
  if (violations.length === 0) return;
  throw new Error(
    `${answer.method} ${answer.path} answered ${answer.status} otherwise than openapi.json says:\n  ${violations.join('\n  ')}\n${answer.text}`,
  );
}
