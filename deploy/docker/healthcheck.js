// The health check of the image: status 0 while the service answers at /healthz. It follows the settings HOST, PORT and
// TLS_CERT_FILE; a certificate for a public name does not name this machine, so it is not verified here.
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';

// Docker's own limit is 5 s, after which it would say nothing of why.
const TIMEOUT_MS = 4000;

const { HOST = '', PORT = '', TLS_CERT_FILE = '' } = process.env;
const everyAddress = { '': '127.0.0.1', '0.0.0.0': '127.0.0.1', '::': '::1' };
const request = (TLS_CERT_FILE === '' ? getHttp : getHttps)({
  host: everyAddress[HOST] ?? HOST,
  port: PORT === '' ? 8080 : PORT,
  path: '/healthz',
  timeout: TIMEOUT_MS,
  rejectUnauthorized: false,
});
request.on('response', ({ statusCode }) => {
  if (statusCode !== 200) console.error(`/healthz answers ${statusCode}.`);
  process.exit(statusCode === 200 ? 0 : 1);
});
request.on('timeout', () => request.destroy(new Error(`/healthz did not answer within ${TIMEOUT_MS} ms.`)));
request.on('error', ({ message }) => {
  console.error(message);
  process.exit(1);
});
