import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { HeaderLines, HttpsAnswer, HttpsClient } from './https-client.js';

/** A request that the existing client sent; `<token>` stands for the token. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What the existing client sent for one of its commands, in order. */
export interface RecordedCommand {
  readonly command: string;
  /** The command line behind the client's name. */
  readonly arguments: string;
  readonly requests: readonly RecordedRequest[];
  /** Which of the requests were answered with an error: method and path below the account, as a regular expression. */
  readonly answered?: { readonly match: string; readonly status: number };
}

const FILE = fileURLToPath(new URL('../data/client-requests.json', import.meta.url));

/** Every command of `test/data/client-requests.json` (docs/api.md, section 9). */
export const RECORDED_COMMANDS = JSON.parse(readFileSync(FILE, 'utf8')) as readonly RecordedCommand[];

/** @throws Error when no such command was recorded */
export function recordedCommand(command: string): RecordedCommand {
  const found = RECORDED_COMMANDS.find((recorded) => recorded.command === command);
  if (found === undefined) throw new Error(`The command "${command}" was not recorded.`);
  return found;
}

/** One request of a command, counted from 0. @throws Error when no such request was recorded */
export function recordedRequest(command: string, index: number): RecordedRequest {
  const request = recordedCommand(command).requests[index];
  if (request === undefined) throw new Error(`The command "${command}" has no request ${index}.`);
  return request;
}

/** The path of a recorded request below its account, as the client's own source has it: `k8s/v2/apps`. */
export function pathBelowAccount({ path }: Pick<RecordedRequest, 'path'>): string {
  return path.split('/').slice(3).join('/');
}

/** Sends a recorded request byte for byte as the client did, but for host and token. */
export function sendRecorded(client: HttpsClient, token: string, request: RecordedRequest): Promise<HttpsAnswer> {
  const body = pythonJson(request.body);
  const headers: HeaderLines = [
    ...Object.entries(request.headers).map(([name, value]) => [name, value.replace('<token>', token)] as const),
    // The recording leaves out what only says how long the body is; the client sends it last.
    ['Content-Length', String(Buffer.byteLength(body))],
  ];
  return client.send(request.method, request.path, headers, body);
}

/** JSON as Python writes it: a space behind each comma and colon, and nothing but ASCII. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, member]) => `${pythonJson(name)}: ${pythonJson(member)}`);
    return `{${members.join(', ')}}`;
  }
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
