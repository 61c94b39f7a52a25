import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject, OperationObject, RequestBodyObject } from '@nestjs/swagger';
import { declaredAccess } from '../../src/access/access.guard.js';
import { createDocument } from '../../src/rest/openapi/document.js';
import { type RouteHandler, routeHandlers } from '../../src/rest/openapi/route-handlers.js';
import { Conformance } from '../support/conformance.js';
import { startTestService, type TestService } from '../support/service.js';

/** Routes without a token: for probes, and for what no route matches. */
const OPEN = ['HealthController.healthz', 'HealthController.readyz', 'UnmatchedController.answer'];

/** Routes that are no part of the API. */
const UNDOCUMENTED = [...OPEN, 'MetricsController.read'].sort();

/** Answers that exist in one media type only: clients ask for the clouds with any `Accept`, and get JSON. */
const ONE_ANSWER_TYPE = ['listClouds'];

/** Bodies that are not ours: Kubernetes' own JSON. */
const ONE_BODY_TYPE = ['replaceInventory'];

let service: TestService;
let handlers: readonly RouteHandler[];
let document: OpenAPIObject;
let conformance: Conformance;
beforeAll(async () => {
  service = await startTestService();
  handlers = routeHandlers(service.app);
  document = createDocument(service.app);
  conformance = new Conformance(document);
});
afterAll(() => service.stop());

/** Every operation of the document, by its id. */
function operations(): readonly (readonly [operationId: string, operation: OperationObject])[] {
  return conformance.operations.map(({ operation }) => [operation.operationId ?? '', operation]);
}

/** The ids of the operations of which something does not hold. */
function failing(holds: (operation: OperationObject, operationId: string) => boolean): string[] {
  return operations().flatMap(([operationId, operation]) => (holds(operation, operationId) ? [] : [operationId]));
}

function isJsonAndOwnType(mediaTypes: readonly string[]): boolean {
  const [json, own, ...others] = mediaTypes;
  return json === 'application/json' && /^application\/astra-\w+\+json$/.test(own ?? '') && others.length === 0;
}

describe('every route', () => {
  it('is found', () => {
    expect(handlers.length).toBeGreaterThan(40);
  });

  it('declares who may use it', () => {
    const undeclared = handlers.filter(({ handler, controller }) => declaredAccess(handler, controller) === undefined);
    expect(undeclared.map(({ name }) => name)).toEqual([]);
  });

  it('needs a token, or is no part of the API', () => {
    const open = handlers.filter(({ handler, controller }) => declaredAccess(handler, controller) === 'public');
    expect(open.map(({ name }) => name).sort()).toEqual(OPEN);
  });

  it('is documented as an operation of its own', () => {
    const undocumented = handlers.filter(({ operation }) => operation === undefined).map(({ name }) => name);
    expect(undocumented.sort()).toEqual(UNDOCUMENTED);
    const ids = handlers.flatMap(({ operation }) => operation?.operationId ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    expect(
      operations()
        .map(([operationId]) => operationId)
        .sort(),
    ).toEqual([...ids].sort());
  });
});

describe('every operation', () => {
  it('has a readable id, a summary, a description and a group that is described', () => {
    const groups = (document.tags ?? []).flatMap(({ name, description }) => (description === undefined ? [] : [name]));
    expect(failing((_, operationId) => /^(create|list|get|replace|delete)[A-Z][A-Za-z]+$/.test(operationId))).toEqual(
      [],
    );
    expect(failing(({ summary }) => summary !== undefined && summary.length > 5)).toEqual([]);
    expect(failing(({ description }) => description !== undefined && description.length > 20)).toEqual([]);
    expect(failing(({ tags }) => tags?.length === 1 && tags.every((tag) => groups.includes(tag)))).toEqual([]);
  });

  it('says the least role that the guard asks for', () => {
    const roles = new Map(
      handlers.map(({ controller, handler, operation }) => [
        operation?.operationId,
        declaredAccess(handler, controller) ?? '',
      ]),
    );
    expect(
      failing(({ description }, operationId) =>
        (description ?? '').includes(`Least role: \`${roles.get(operationId) ?? ''}\``),
      ),
    ).toEqual([]);
  });

  it('documents the problems of token, role and path, and those of the service', () => {
    const always = ['401', '403', '404', '429', '500', '503'];
    expect(failing(({ responses }) => always.every((status) => status in responses))).toEqual([]);
  });

  it('documents every problem as problem details with an example of each', () => {
    expect(
      failing((operation) =>
        Object.keys(operation.responses)
          .filter((status) => Number(status) >= 400)
          .every((status) => {
            const response = conformance.response({ method: '', path: '', operation }, Number(status));
            const content = response?.content ?? {};
            return (
              Object.keys(content).join() === 'application/problem+json' &&
              Object.keys(content['application/problem+json']?.examples ?? {}).length > 0
            );
          }),
      ),
    ).toEqual([]);
  });

  it('answers JSON and the media type of its own, or nothing', () => {
    expect(
      failing((operation, operationId) =>
        Object.keys(operation.responses)
          .filter((status) => Number(status) < 400)
          .every((status) => {
            const content = conformance.response({ method: '', path: '', operation }, Number(status))?.content;
            const types = Object.keys(content ?? {});
            if (status === '204') return content === undefined;
            return ONE_ANSWER_TYPE.includes(operationId)
              ? types.join() === 'application/json'
              : isJsonAndOwnType(types);
          }),
      ),
    ).toEqual([]);
  });

  it('takes JSON and the media type of its own, with examples, where it takes a body', () => {
    expect(
      failing(({ requestBody }, operationId) => {
        if (requestBody === undefined) return !/^(create|replace)/.test(operationId);
        const { content, required } = conformance.resolve<RequestBodyObject>(requestBody);
        const types = Object.keys(content);
        return (
          required === true &&
          Object.values(content).every(({ examples = {} }) => Object.keys(examples).length > 0) &&
          (ONE_BODY_TYPE.includes(operationId) ? types.join() === 'application/json' : isJsonAndOwnType(types))
        );
      }),
    ).toEqual([]);
  });

  it('describes every parameter', () => {
    expect(
      failing(({ parameters = [] }) =>
        parameters.every((parameter) => {
          const { description, schema } = conformance.resolve<{ description?: string; schema?: object }>(parameter);
          return description !== undefined && schema !== undefined;
        }),
      ),
    ).toEqual([]);
  });
});

describe('every example', () => {
  it('fits its schema', () => {
    const misfits = conformance.operations.flatMap((operation) => {
      const { requestBody, responses, operationId = '' } = operation.operation;
      const bodies = [
        ...(requestBody === undefined ? [] : [conformance.resolve<RequestBodyObject>(requestBody).content]),
        ...Object.keys(responses).map((status) => conformance.response(operation, Number(status))?.content ?? {}),
      ];
      return bodies.flatMap((content) =>
        Object.values(content).flatMap(({ schema = {}, examples = {} }) =>
          Object.entries(examples).flatMap(([name, example]) =>
            conformance
              .schemaViolations(schema, conformance.resolve<{ value?: unknown }>(example).value)
              .map((violation) => `${operationId} ${name}: ${violation}`),
          ),
        ),
      );
    });
    expect(misfits).toEqual([]);
  });
});
