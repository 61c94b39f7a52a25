/**
 * Sends one answer that it has in memory: as fast as Node writes so many bytes to a socket. Its arguments are the URL
 * and the Authorization header that the answer comes from.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [url = '', authorization = ''] = process.argv.slice(2);
const answer = await fetch(url, { headers: { authorization } });
if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
const body = Buffer.from(await answer.arrayBuffer());
const headers = { 'content-type': 'application/json', 'content-length': body.length };
const server = createServer((_, response) => {
  response.writeHead(200, headers);
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}`, msg: 'Listening.' })}\n`);
});
