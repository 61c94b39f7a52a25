import { Agent, type IncomingMessage, request } from 'node:http';
import type { Answer } from '../test/support/conformance.js';

/** What is sent beyond method and path. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  /** Anything but a string or bytes is sent as JSON. */
  readonly body?: unknown;
}

/**
 * A client that keeps its connections and neither retries nor follows anything, so that every failure is seen. A kept
 * connection that the service has closed in the meantime is what any client has to open anew: that one case, in which
 * the service has not seen the request, is not told apart from others here, so a client may be told not to keep any.
 */
export class HttpClient {
  private readonly agent: Agent;

  /** @param keepsConnections whether connections are used again */
  constructor(
    readonly url: string,
    keepsConnections: boolean,
  ) {
    this.agent = new Agent({ keepAlive: keepsConnections });
  }

  /** @throws Error when the connection fails or ends before the answer is complete */
  send(method: string, path: string, { headers = {}, body }: Sent = {}): Promise<Answer> {
    const bytes = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        this.url + path,
        {
          method,
          agent: this.agent,
          headers: {
            ...(bytes === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) }),
            ...headers,
          },
        },
        (answer) => {
          read(answer).then(
            (text) => {
              const { statusCode = 0, headersDistinct } = answer;
              const joined = Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(', ')]);
              resolve({
                method,
                path,
                status: statusCode,
                headers: Object.fromEntries(joined) as Record<string, string>,
                text,
              });
            },
            (error: unknown) => {
              reject(error instanceof Error ? error : new Error(String(error)));
            },
          );
        },
      );
      sent.on('error', reject);
      sent.end(bytes);
    });
  }

  /** Ends the connections that are kept. */
  close(): void {
    this.agent.destroy();
  }
}

async function read(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
