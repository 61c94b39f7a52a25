import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEMO } from '../rest/openapi/demo-identifiers.js';

/** What a newcomer, or a script, needs to use the demo. */
export interface DemoAccess {
  readonly url: string;
  readonly accountID: string;
  readonly appID: string;
  readonly hookID: string;
  readonly hookSourceID: string;
  readonly userID: string;
  readonly token: string;
}

const FILE = 'demo.json';

/** The token that an earlier start wrote to `demo.json`, or undefined where there is none. */
export function savedDemoToken(dataDir: string): string | undefined {
  try {
    const saved: unknown = JSON.parse(readFileSync(join(dataDir, FILE), 'utf8'));
    const isAccess = typeof saved === 'object' && saved !== null && 'token' in saved && typeof saved.token === 'string';
    return isAccess ? (saved as { token: string }).token : undefined;
  } catch {
    return undefined;
  }
}

/** Writes `demo.json`, readable by its owner only: it holds a token. */
export async function saveDemoAccess(dataDir: string, url: string, token: string): Promise<DemoAccess> {
  const { accountID, appID, hookID, hookSourceID, userID } = DEMO;
  const access: DemoAccess = { url, accountID, appID, hookID, hookSourceID, userID, token };
  const draft = join(dataDir, `${FILE}.${process.pid}`);
  await writeFile(draft, `${JSON.stringify(access, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, join(dataDir, FILE));
  return access;
}

/**
 * What the start of the demo prints: where it is, its token, and one line to try.
 *
 * @param certFile the certificate to trust, where the service speaks HTTPS
 */
export function demoWelcome({ url, accountID, hookID, token }: DemoAccess, certFile?: string): string {
  const trust = certFile === undefined ? '' : ` --cacert "${certFile}"`;
  return `
  Execution Hooks, with the demo data, for this machine only.

  API         ${url}
  Swagger UI  ${url}/docs
  Account     ${accountID}
  Token       ${token}
${certFile === undefined ? '' : `  Certificate ${certFile} (clients have to be told to trust it)\n`}
  See which containers the hook "payroll-freeze" matches:

  curl -s${trust} -H "Authorization: Bearer ${token}" ${url}/accounts/${accountID}/core/v1/executionHooks/${hookID}
`;
}
