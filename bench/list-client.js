/**
 * A client that downloads what the URL of its argument answers, with `AUTHORIZATION` as its header, throws it away and
 * prints `{bytes, firstByteMs, totalMs}`, from when the request is sent.
 */
import { once } from 'node:events';
import { request } from 'node:http';
import { performance } from 'node:perf_hooks';

const start = performance.now();
const sent = request(process.argv[2], { headers: { authorization: process.env.AUTHORIZATION } }).end();
const [answer] = await once(sent, 'response');
if (answer.statusCode !== 200) throw new Error(`The list was answered ${answer.statusCode}.`);
let firstByteMs;
let bytes = 0;
for await (const chunk of answer) {
  firstByteMs ??= performance.now() - start;
  bytes += chunk.length;
}
process.stdout.write(JSON.stringify({ bytes, firstByteMs, totalMs: performance.now() - start }));
