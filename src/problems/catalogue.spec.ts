import { describe, expect, it } from '@jest/globals';
import * as catalogue from './catalogue.js';
import { Problem, type ProblemDefinition } from './problem.js';
import { renderProblem } from '../rest/problem.filter.js';

/** The table of docs/api.md, section 6, as it is published: N, status, title, detail. */
const PUBLISHED = `
| 1 | 404 | Resource not found | The resource specified in the request URI wasn't found. |
| 2 | 404 | Collection not found | The collection specified in the request URI wasn't found. |
| 3 | 401 | Missing bearer token | The request is missing the required bearer token. |
| 4 | 401 | Invalid bearer token | The bearer token provided is invalid, revoked, or doesn't exist. |
| 5 | 400 | Invalid query parameters | The supplied query parameters are invalid. |
| 6 | 400 | Query parameters not supported | The supplied query parameters aren't supported for this endpoint. |
| 7 | 400 | Invalid JSON payload | The request body is not valid JSON. |
| 8 | 400 | Invalid JSON resource | The request body JSON doesn't conform to the schema. |
| 9 | 400 | Invalid JSON resource | The request body JSON didn't pass extended validation. |
| 10 | 409 | JSON resource conflict | The request body JSON contains a field that conflicts with an idempotent value. |
| 11 | 403 | Operation not permitted | The requested operation isn't permitted. |
| 12 | 400 | Invalid headers | The request headers are invalid. |
| 14 | 403 | Unauthorized access | The user isn't enabled. |
| 24 | 503 | Service unavailable | The service is unavailable. |
| 32 | 406 | Unsupported content type | The response can't be returned in the requested format. |
| 34 | 500 | Internal server error | The server was unable to process this request. |
| 38 | 412 | Precondition not met | The conditional headers aren't satisfied. |
| 41 | 503 | Service not ready | Currently, the service can't respond to this request. |
| 69 | 405 | Method not supported | The requested method isn't supported for the specified resource. |
| 71 | 403 | Preloaded hook sources read only | The hook source resource wasn't created, edited, or deleted. Hook source resources with a preloaded value of true are read only. |
| 72 | 403 | Hook source referenced by execution hook | The hook source resource wasn't deleted because it is referenced by an execution hook resource. |
| 73 | 403 | NetApp execution hooks read only | The execution hook resource wasn't created, edited, or deleted. Execution hook resources with a hookType of NetApp are read only. |
| 85 | 413 | Request body too large | The request body is too large. |
`;

const published = PUBLISHED.trim()
  .split('\n')
  .map((line): ProblemDefinition => {
    const [, number, status, title = '', detail = ''] = line.split('|').map((cell) => cell.trim());
    return { number: Number(number), status: Number(status), title, detail };
  });

const classes = Object.values(catalogue);

describe('the catalogue', () => {
  it('is the published one, with one class a problem', () => {
    const definitions = classes.flatMap((each) => ('definition' in each ? [each.definition] : []));
    const byNumber = [...definitions].sort((left, right) => left.number - right.number);
    expect(byNumber).toEqual(published);
  });

  it('has one class beside it, for what has no number', () => {
    expect(classes.filter((each) => !('definition' in each))).toEqual([catalogue.PlainProblem]);
  });

  it('consists of problems that are named after their class', () => {
    expect(classes.every((each) => each.prototype instanceof Problem)).toBe(true);
    expect(new catalogue.InvalidHeaders().name).toBe('InvalidHeaders');
    expect(new catalogue.PlainProblem(415, 'No.').name).toBe('PlainProblem');
  });
});

describe('a problem', () => {
  it('says its type, status and message', () => {
    const problem = new catalogue.NetappHookReadOnly();
    expect(problem.type).toBe('https://astra.netapp.io/problems/73');
    expect(problem.status).toBe(403);
    expect(problem.message).toBe(catalogue.NetappHookReadOnly.definition.detail);
  });

  it('keeps its cause to itself', () => {
    const cause = new Error('relation "execution_hooks" does not exist');
    const problem = new catalogue.InternalServerError({ cause });
    expect(problem.cause).toBe(cause);
    expect(renderProblem(problem, 'id')).not.toContain('execution_hooks');
  });

  it('of a token asks for one', () => {
    expect(new catalogue.MissingBearerToken().headers).toEqual({
      'www-authenticate': 'Bearer realm="execution-hooks"',
    });
    expect(new catalogue.InvalidBearerToken().headers).toEqual({
      'www-authenticate': 'Bearer realm="execution-hooks", error="invalid_token"',
    });
  });

  it('that passes says when to try again', () => {
    expect(new catalogue.ServiceUnavailable().headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(new catalogue.ServiceNotReady().headers['retry-after']).toMatch(/^[1-9]\d*$/);
  });

  it('of a method lists those that there are', () => {
    expect(new catalogue.MethodNotSupported(['GET', 'PUT']).headers).toEqual({ allow: 'GET, PUT' });
  });

  it('without a number has the phrase of its status as its title', () => {
    const problem = new catalogue.PlainProblem(415, 'Send JSON.', { accept: 'application/json' });
    expect([
      problem.type,
      problem.status,
      problem.definition.title,
      problem.definition.detail,
      problem.headers,
    ]).toEqual(['about:blank', 415, 'Unsupported Media Type', 'Send JSON.', { accept: 'application/json' }]);
    expect(new catalogue.PlainProblem(499, 'Gone.').definition.title).toBe('Error');
  });
});

describe('a rendered problem', () => {
  const fields = [
    { name: 'name', reason: 'is required' },
    { name: 'matchingCriteria[2].type', reason: 'must be an object' },
  ];

  it('has the published members, in their order, and its status as a text', () => {
    expect(renderProblem(new catalogue.CollectionNotFound(), 'a-1')).toBe(
      `{"type":"https://astra.netapp.io/problems/2","title":"Collection not found","detail":"The collection specified in the request URI wasn't found.","status":"404","correlationID":"a-1"}`,
    );
  });

  it('lists invalid fields, and of a schema violation says them once more as a text', () => {
    expect(JSON.parse(renderProblem(new catalogue.SchemaViolation(fields), 'a-1'))).toMatchObject({
      type: 'https://astra.netapp.io/problems/8',
      invalidFields: fields,
      schemaValidationFailure: 'name: is required; matchingCriteria[2].type: must be an object',
    });
    for (const Class of [catalogue.ExtendedValidationFailure, catalogue.ResourceConflict]) {
      const rendered = JSON.parse(renderProblem(new Class(fields), 'a-1')) as object;
      expect(rendered).toMatchObject({ invalidFields: fields });
      expect(rendered).not.toHaveProperty('schemaValidationFailure');
    }
  });

  it('lists invalid parameters', () => {
    const invalidParams = [{ name: 'limit', reason: 'expected an integer' }];
    for (const Class of [catalogue.InvalidQueryParameters, catalogue.QueryParametersNotSupported]) {
      expect(JSON.parse(renderProblem(new Class(invalidParams), 'a-1'))).toMatchObject({ invalidParams });
    }
  });
});
