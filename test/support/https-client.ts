import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';

/** An answer that came over TLS; its header names are in lower case. */
export interface HttpsAnswer {
  readonly status: number;
  /** The reason phrase, which clients show. */
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Headers as they are sent: in this order, spelled like this, and several of one name if there are. */
export type HeaderLines = readonly (readonly [name: string, value: string])[];

/**
 * A client that sends what it is given and nothing else but `Host`, over TLS, and trusts one certificate alone. The
 * headers go out before the body, as Python's HTTP clients do it: a server that answers first must still take the body.
 */
export class HttpsClient {
  private readonly agent: Agent;

  /**
   * @param url protocol, host and port of the service
   * @param certificate PEM of what to trust
   * @param connections how many connections are kept and used again; 0 opens a new one for each request
   */
  constructor(
    private readonly url: string,
    private readonly certificate: string,
    connections: number,
  ) {
    this.agent = connections === 0 ? new Agent() : new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** @throws Error when the connection fails or ends before the answer is complete */
  send(method: string, path: string, headers: HeaderLines, body: string | Buffer): Promise<HttpsAnswer> {
    const { host } = new URL(this.url);
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, this.url),
        { method, headers: ['Host', host, ...headers.flat()], ca: this.certificate, agent: this.agent },
        (answer) => {
          read(answer).then(resolve, reject);
        },
      );
      sent.on('error', reject);
      sent.once('socket', (socket) => {
        const send = (): void => {
          sent.flushHeaders();
          setImmediate(() => sent.end(body));
        };
        if (socket.connecting) socket.once('secureConnect', send);
        else send();
      });
    });
  }

  /** Ends the connections that are kept. */
  close(): void {
    this.agent.destroy();
  }
}

async function read(answer: IncomingMessage): Promise<HttpsAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers = Object.entries(answer.headersDistinct).map(([name, values = []]) => [name, values.join(', ')]);
  return {
    status: answer.statusCode ?? 0,
    reason: answer.statusMessage ?? '',
    headers: Object.fromEntries(headers) as Record<string, string>,
    text: Buffer.concat(chunks).toString('utf8'),
  };
}
