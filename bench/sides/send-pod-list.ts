/**
 * Sends a generated pod list to the service, as `curl` does what `kubectl` prints. Arguments: the URL of an inventory and
 * the Authorization header; each command is the content of a list, as JSON.
 */
import { request } from 'node:http';
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { podList, type PodListContent } from '../inventory/pod-list.js';

const [url = '', authorization = ''] = process.argv.slice(2);
process.stdout.write('{}\n');

for await (const command of createInterface({ input: process.stdin })) {
  const start = performance.now();
  const { status, answer, bytes } = await send(JSON.parse(command) as PodListContent);
  process.stdout.write(`${JSON.stringify({ status, answer, bytes, wallMs: performance.now() - start })}\n`);
}

async function send(content: PodListContent): Promise<{ status: number; answer: string; bytes: number }> {
  const put = request(url, { method: 'PUT', headers: { authorization, 'content-type': 'application/json' } });
  const answered = new Promise<{ status: number; answer: string }>((resolve, reject) => {
    put.on('error', reject);
    put.on('response', (response) => {
      text(response).then((answer) => {
        resolve({ status: response.statusCode ?? 0, answer });
      }, reject);
    });
  });
  let bytes = 0;
  function* pieces(): Generator<Buffer, void> {
    for (const piece of podList(content)) {
      bytes += piece.length;
      yield piece;
    }
  }
  await pipeline(Readable.from(pieces(), { objectMode: false }), put);
  return { ...(await answered), bytes };
}
