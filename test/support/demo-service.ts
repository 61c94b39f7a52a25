import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InventoryService } from '../../src/features/inventory/inventory.service.js';
import { DEMO } from '../../src/rest/openapi/demo-identifiers.js';
import { loadDemo } from '../../src/demo/load-demo.js';
import { selfSignedPair } from '../../src/operations/self-signed-pair.js';
import { HttpsClient, type HttpsAnswer } from './https-client.js';
import { startTestService, type TestService } from './service.js';

/** The service over TLS with the demo in it, whose identifiers are those of the recorded requests. */
export interface DemoService extends TestService {
  /** Opens a connection for each request, as the existing client does. */
  readonly client: HttpsClient;
  /** PEM of the certificate to trust. */
  readonly certificate: string;
  /** The token of the demo's owner; another one after each {@link reset}. */
  readonly token: () => string;
  /** Makes the database what it is after the demo's first start. */
  reset(): Promise<void>;
  /** A request with a JSON body below the demo's account, for what a test presupposes or looks up. */
  call(method: string, path: string, body?: object): Promise<HttpsAnswer>;
}

/** @param env settings that differ from the defaults */
export async function startDemoService(env: Readonly<Record<string, string>> = {}): Promise<DemoService> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-service-'));
  const { cert, key } = await selfSignedPair();
  const files = { TLS_CERT_FILE: join(folder, 'tls.crt'), TLS_KEY_FILE: join(folder, 'tls.key') };
  await writeFile(files.TLS_CERT_FILE, cert);
  await writeFile(files.TLS_KEY_FILE, key);
  const service = await startTestService({ ...files, ...env });
  const client = new HttpsClient(service.url, cert, 0);
  let token = '';
  return {
    ...service,
    client,
    certificate: cert,
    token: () => token,
    reset: async () => {
      await service.database.query({ text: 'TRUNCATE accounts, users CASCADE' });
      token = await loadDemo(service.database, service.app.get(InventoryService));
    },
    call: (method, path, body = {}) =>
      client.send(
        method,
        `/accounts/${DEMO.accountID}/${path}`,
        [
          ['Authorization', `Bearer ${token}`],
          ['Content-Type', 'application/json'],
          ['Transfer-Encoding', 'chunked'],
        ],
        JSON.stringify(body),
      ),
    stop: async () => {
      client.close();
      await service.stop();
      await rm(folder, { recursive: true });
    },
  };
}
