import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import type { Logger } from 'pino';
import { CORRELATION_HEADER } from './correlation-id.js';
import { PROBLEM_TYPE } from './media-types.js';
import { InvalidHeaders, PlainProblem } from '../problems/catalogue.js';
import { renderProblem } from './problem.filter.js';
import type { Problem } from '../problems/problem.js';

/**
 * Answers what Node's own HTTP parser refuses, before there is a request that anything else could answer: with a
 * problem and a correlation id of its own (docs/api.md, sections 3 and 6), and the end of the connection.
 */
export function answerClientError(error: ConnectionError, socket: Socket, logger: Logger): void {
  refuse(problemOf(error), error, socket, logger);
}

/** Answers a CONNECT, which asks for a tunnel instead of an answer, and of which Node makes no request. */
export function answerConnect(socket: Socket, logger: Pick<Logger, 'debug'>): void {
  refuse(unknownMethod(), undefined, socket, logger);
}

function refuse(
  problem: Problem | undefined,
  error: ConnectionError | undefined,
  socket: Socket,
  logger: Pick<Logger, 'debug'>,
): void {
  if (problem === undefined || !socket.writable) {
    socket.destroy();
    return;
  }
  const correlationID = randomUUID();
  logger.debug({ err: error, correlationID, problem: problem.name }, 'connection refused');
  const body = renderProblem(problem, correlationID);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    `${CORRELATION_HEADER}: ${correlationID}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}

/** Undefined where the connection broke, or never was one of HTTP (a failed TLS handshake): nobody reads an answer. */
function problemOf(error: ConnectionError): Problem | undefined {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new PlainProblem(408, 'The request did not arrive in time.');
    case 'HPE_HEADER_OVERFLOW':
      return new PlainProblem(431, 'The request line and the headers are too long.');
    case 'HPE_INVALID_METHOD':
    case 'HPE_INVALID_CONSTANT':
    case 'HPE_INVALID_VERSION':
    case 'HPE_PAUSED_H2_UPGRADE':
      return isRequestLine(error) ? unknownMethod() : invalidHeaders(error);
    default:
      return error.code.startsWith('HPE_') ? invalidHeaders(error) : undefined;
  }
}

function unknownMethod(): Problem {
  return new PlainProblem(501, 'The service does not know the request method.');
}

function invalidHeaders(error: ConnectionError): Problem {
  return new InvalidHeaders({ cause: error });
}

/** Whether what cannot be parsed begins as a request of HTTP/1 does: a method that the parser does not know. */
function isRequestLine({ rawPacket }: { readonly rawPacket?: unknown }): boolean {
  const [line = ''] = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1').split('\r\n', 1) : [];
  return /^[!#$%&'*+.^_`|~\w-]+ \S+ HTTP\/1\.[01]$/.test(line);
}
