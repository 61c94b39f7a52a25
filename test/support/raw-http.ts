import { connect, type Socket } from 'node:net';
import type { ProblemAnswer } from './problems.js';

/** One answer as it came over a connection. */
export interface RawAnswer extends ProblemAnswer {
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Sends bytes as they are, for requests that no HTTP client makes, and reads the answer until the service closes the
 * connection: the request should ask for that (`Connection: close`) unless the server ends the connection by itself.
 */
export async function sendRaw(url: string, request: string | Buffer): Promise<RawAnswer> {
  const socket = connectTo(url);
  socket.write(request);
  return answerOn(socket);
}

/** A connection to a service. */
export function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  // The answer may come, and the connection end, before everything is sent.
  socket.on('error', () => undefined);
  return socket;
}

/** The answer on a connection, once the service has closed it. */
export async function answerOn(socket: Socket): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  return parse(Buffer.concat(chunks).toString('utf8'));
}

function parse(answer: string): RawAnswer {
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(statusLine.split(' ')[1]), headers, text: rest.join('\r\n\r\n') };
}
