import 'reflect-metadata';
import {
  BadRequestException,
  Controller,
  Get,
  HttpException,
  Module,
  NotFoundException,
  Param,
  Res,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyReply } from 'fastify';
import pg from 'pg';
import { pino } from 'pino';
import { RequestAborted } from './json-body.js';
import { InvalidHeaders, NetappHookReadOnly, SchemaViolation } from '../problems/catalogue.js';
import { ProblemFilter, toProblem } from './problem.filter.js';

const SECRET = 'the secret text';

function databaseError(code: string): Error {
  return Object.assign(new pg.DatabaseError(SECRET, SECRET.length, 'error'), { code, severity: 'ERROR' });
}

/** An error as Fastify throws its own. */
function fastifyError(statusCode: number): Error {
  return Object.assign(new Error(SECRET), { statusCode, code: 'FST_ERR_OF_SOME_KIND' });
}

/** What a route may fail with, by the name in its path. */
const ERRORS: Readonly<Record<string, unknown>> = {
  problem: new NetappHookReadOnly(),
  fields: new SchemaViolation([{ name: 'name', reason: 'is required' }]),
  caused: new InvalidHeaders({ cause: new Error(SECRET) }),
  error: new Error(SECRET),
  text: SECRET,
  nothing: undefined,
  database: databaseError('42601'),
  timeout: databaseError('57014'),
  connection: Object.assign(new Error(SECRET), { code: 'ECONNREFUSED' }),
};

@Controller()
class FailingController {
  @Get('fail/:kind')
  fail(@Param('kind') kind: string): never {
    throw ERRORS[kind];
  }

  @Get('late/:kind')
  late(@Param('kind') kind: string, @Res({ passthrough: true }) reply: FastifyReply): never {
    void reply.headers({ etag: '"a"', 'last-modified': 'now', location: '/a', 'x-kept': 'yes' });
    throw ERRORS[kind];
  }

  /** Fails when the head of the answer has gone out already. */
  @Get('broken')
  broken(@Res({ passthrough: true }) reply: FastifyReply): never {
    reply.raw.writeHead(200, { 'content-type': 'application/json' });
    reply.raw.write('{"items":[');
    throw new Error(SECRET);
  }
}

@Module({ controllers: [FailingController] })
class FailingModule {}

interface LogLine {
  readonly level: number;
  readonly problem?: string;
  readonly err?: { readonly message: string };
}

let app: NestFastifyApplication;
let url: string;
const log: LogLine[] = [];
beforeAll(async () => {
  const loggerInstance = pino({ level: 'debug' }, { write: (line: string) => log.push(JSON.parse(line) as LogLine) });
  const adapter = new FastifyAdapter({ loggerInstance, genReqId: () => 'correlation-1' });
  app = await NestFactory.create<NestFastifyApplication>(FailingModule, adapter, { logger: false });
  app.useGlobalFilters(new ProblemFilter());
  await app.listen({ host: '127.0.0.1', port: 0 });
  url = await app.getUrl();
});
afterAll(() => app.close());

/** What the last request logged of a problem. */
function logged(): LogLine | undefined {
  return log.findLast(({ problem }) => problem !== undefined);
}

describe('ProblemFilter', () => {
  it.each([
    ['problem', 403, 73],
    ['fields', 400, 8],
    ['caused', 400, 12],
    ['error', 500, 34],
    ['text', 500, 34],
    ['nothing', 500, 34],
    ['database', 500, 34],
    ['timeout', 503, 41],
    ['connection', 503, 24],
  ])('answers %s with %d, problem %d', async (kind, status, number) => {
    const response = await fetch(`${url}/fail/${kind}`);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({
      type: `https://astra.netapp.io/problems/${number}`,
      status: String(status),
      correlationID: 'correlation-1',
    });
    expect(text).not.toContain(SECRET);
  });

  it('sends the headers of the problem, and none of the success that did not come about', async () => {
    const { headers } = await fetch(`${url}/late/timeout`);
    expect(headers.get('retry-after')).toBe('1');
    expect([headers.get('etag'), headers.get('last-modified'), headers.get('location')]).toEqual([null, null, null]);
    expect(headers.get('x-kept')).toBe('yes');
  });

  it('logs the cause of a failure as an error, that of a refusal for debugging, and no refusal without one', async () => {
    await fetch(`${url}/fail/error`);
    expect(logged()).toMatchObject({ level: 50, problem: 'InternalServerError', err: { message: SECRET } });
    await fetch(`${url}/fail/caused`);
    expect(logged()).toMatchObject({ level: 20, problem: 'InvalidHeaders', err: { message: SECRET } });
    const lines = log.length;
    await fetch(`${url}/fail/problem`);
    expect(log.slice(lines).filter(({ problem }) => problem !== undefined)).toEqual([]);
  });

  it('breaks the connection when the answer is under way', async () => {
    const response = await fetch(`${url}/broken`);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });
});

describe('toProblem', () => {
  it('leaves problems as they are', () => {
    const problem = new NetappHookReadOnly();
    expect(toProblem(problem, 'PUT')).toBe(problem);
  });

  it.each([
    ['GET', 2],
    ['POST', 2],
    ['PUT', 1],
    ['DELETE', 1],
  ])("answers what Nest does not find of a %s with the method's own 404, problem %d", (method, number) => {
    expect(toProblem(new NotFoundException(), method).definition.number).toBe(number);
  });

  it.each<[string, unknown, number, number | undefined]>([
    ['a bad request of Nest', new BadRequestException(SECRET), 400, 12],
    ['a bad request of Fastify', fastifyError(400), 400, 12],
    ['what Fastify finds too large', fastifyError(413), 413, 85],
    ['another status of Fastify', fastifyError(414), 414, undefined],
    ['another status of Nest', new HttpException(SECRET, 418), 418, undefined],
    ['a failure of Fastify', fastifyError(503), 500, 34],
    ['a failure of Nest', new HttpException(SECRET, 502), 500, 34],
    ['a status of somebody else', Object.assign(new Error(SECRET), { statusCode: 404, code: 'ENOENT' }), 500, 34],
    ['a client that is gone', new RequestAborted(), 400, undefined],
  ])('turns %s into a problem', (_what, error, status, number) => {
    const problem = toProblem(error, 'GET');
    expect([problem.status, problem.definition.number]).toEqual([status, number]);
    expect(problem.cause ?? error).toBe(error);
    expect(problem.definition.detail).not.toContain(SECRET);
  });
});
