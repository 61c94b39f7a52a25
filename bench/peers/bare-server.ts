/**
 * What the service is held against: a hand-written `node:http` server over `pg` that does the same work and nothing
 * else. Every statement is a named prepared one, the token and the hook come in one round trip, the inventory is in
 * memory with its matching results, answers and their headers are the same bytes. What it has not got: routing tables,
 * validation, negotiation, preconditions, limits, logs, metrics, shutdown.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { typeParsers } from '../../src/database/type-parsers.js';
import { EXECUTION_HOOK } from '../../src/features/hooks/execution-hook.resource.js';
import type { Criterion } from '../../src/matching/criterion.js';
import type { InventorySnapshot } from '../../src/matching/inventory-snapshot.js';
import { matchContainersSync } from '../../src/matching/match.js';
import { loadSnapshot } from './inventory.js';

interface TokenRow {
  readonly role: string;
  readonly userId: string;
}

interface HookRow {
  readonly json: string;
  readonly criteria: readonly Criterion[];
  readonly modifiedAt: string;
  readonly appId: string;
  readonly revision: string;
}

const HOOK_COLUMNS = `${EXECUTION_HOOK.json} AS json, h.matching_criteria AS criteria, h.modified_at AS "modifiedAt",
  h.app_id AS "appId", a.inventory_revision AS revision`;

const TOKEN = `
  FROM tokens t
  JOIN users u ON u.id = t.user_id AND u.is_enabled = 'true'
  JOIN role_bindings b ON b.account_id = t.account_id AND b.user_id = t.user_id
  JOIN accounts account ON account.id = b.account_id AND account.is_enabled = 'true'`;
const TOKEN_IS_GOOD = `t.token_sha256 = $1 AND b.account_id = $2 AND (t.expires_at IS NULL OR t.expires_at > now())`;

const STATEMENTS = {
  tokenAndHook: `
    SELECT b.role, t.user_id AS "userId", ${HOOK_COLUMNS}
    ${TOKEN}
    LEFT JOIN execution_hooks h ON h.account_id = b.account_id AND h.id = $3
    LEFT JOIN apps a ON a.account_id = h.account_id AND a.id = h.app_id
    WHERE ${TOKEN_IS_GOOD}`,
  token: `SELECT b.role, t.user_id AS "userId" ${TOKEN} WHERE ${TOKEN_IS_GOOD}`,
  references: `
    SELECT NOT EXISTS (SELECT FROM hook_sources WHERE account_id = $1 AND id = $2) AS source,
      NOT EXISTS (SELECT FROM apps WHERE account_id = $1 AND id = $3) AS app`,
  insert: `
    WITH h AS (
      INSERT INTO execution_hooks (account_id, id, version, name, hook_type, matching_criteria, action, stage,
        hook_source_id, arguments, app_id, enabled, description, labels, created_by, name_scope, created_at, modified_at)
      SELECT $1::uuid, $2::uuid, $3, $4, $5, $6::jsonb, $7, $8, $9::uuid, $10::jsonb, $11::uuid, $12, $13, $14::jsonb,
        $15::uuid, '00000000-0000-0000-0000-000000000000', at, at
      FROM clock_timestamp() AS at, hook_name_scope
      RETURNING *
    )
    SELECT ${HOOK_COLUMNS} FROM h LEFT JOIN apps a ON a.account_id = h.account_id AND a.id = h.app_id`,
  update: `
    UPDATE execution_hooks SET version = $3, name = $4, hook_type = $5, matching_criteria = $6::jsonb, action = $7,
      stage = $8, hook_source_id = $9, arguments = $10::jsonb, app_id = $11::uuid, enabled = $12, description = $13,
      labels = $14::jsonb, modified_by = $15, modified_at = clock_timestamp()
    WHERE account_id = $1 AND id = $2 AND modified_at = $16::timestamptz`,
  delete: 'DELETE FROM execution_hooks WHERE account_id = $1 AND id = $2 AND modified_at = $3::timestamptz',
} as const;

/** A hook as a client sends it, as far as the load does. */
interface HookBody {
  readonly version: string;
  readonly name: string;
  readonly hookType: string;
  readonly matchingCriteria?: readonly Criterion[];
  readonly action: string;
  readonly stage: string;
  readonly hookSourceID: string;
  readonly arguments?: readonly string[];
  readonly appID: string;
  readonly enabled?: string;
  readonly description?: string;
}

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10, types: typeParsers });
const snapshots = new Map<string, { readonly revision: string; readonly snapshot: InventorySnapshot }>();

async function query<Row extends object>(
  name: keyof typeof STATEMENTS,
  values: readonly unknown[],
): Promise<Row | undefined> {
  return (await pool.query<Row>({ name, text: STATEMENTS[name], values: [...values] })).rows[0];
}

async function snapshotOf(accountId: string, { appId, revision }: HookRow): Promise<InventorySnapshot> {
  const kept = snapshots.get(appId);
  if (kept?.revision === revision) return kept.snapshot;
  const snapshot = await loadSnapshot(pool, accountId, appId);
  snapshots.set(appId, { revision, snapshot });
  return snapshot;
}

async function withMatches(accountId: string, hook: HookRow): Promise<string> {
  const selection = matchContainersSync(await snapshotOf(accountId, hook), hook.criteria);
  return `${hook.json.slice(0, -1)},"matchingImages":${JSON.stringify(selection.images())},"matchingContainers":${selection.containersJson()}}`;
}

function headersOf(hook: HookRow | undefined): Record<string, string> {
  return {
    'x-correlation-id': randomUUID(),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    ...(hook === undefined
      ? {}
      : {
          'content-type': 'application/json',
          etag: `"${createHash('md5').update(hook.json).digest('hex')}"`,
          'last-modified': new Date(hook.modifiedAt).toUTCString(),
        }),
  };
}

function answer(response: ServerResponse, status: number, headers: Record<string, string>, body = ''): void {
  response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<HookBody> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as HookBody;
}

function columnsOf(body: HookBody, userId: string): unknown[] {
  return [
    body.version,
    body.name,
    body.hookType,
    JSON.stringify(body.matchingCriteria ?? []),
    body.action,
    body.stage,
    body.hookSourceID,
    JSON.stringify(body.arguments ?? []),
    body.appID,
    body.enabled ?? 'true',
    body.description,
    '[]',
    userId,
  ];
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, , accountId = '', , , , id = ''] = (request.url ?? '').split('/');
  const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
  const digest = createHash('sha256').update(token).digest();
  const statement = request.method === 'POST' ? 'token' : 'tokenAndHook';
  const found = await query<TokenRow & HookRow>(statement, [digest, accountId, ...(id === '' ? [] : [id])]);
  if (found === undefined) {
    answer(response, 401, {});
    return;
  }
  switch (request.method) {
    case 'GET': {
      answer(response, 200, headersOf(found), await withMatches(accountId, found));
      return;
    }
    case 'POST': {
      const body = await bodyOf(request);
      await query('references', [accountId, body.hookSourceID, body.appID]);
      const newId = randomUUID();
      const hook = await query<HookRow>('insert', [accountId, newId, ...columnsOf(body, found.userId)]);
      if (hook === undefined) throw new Error('The insert answered no row.');
      const location = `http://${request.headers.host ?? ''}${request.url ?? ''}/${newId}`;
      answer(response, 201, { ...headersOf(hook), location }, await withMatches(accountId, hook));
      return;
    }
    case 'PUT': {
      const body = await bodyOf(request);
      await query('references', [accountId, body.hookSourceID, body.appID]);
      await query('update', [accountId, id, ...columnsOf(body, found.userId), found.modifiedAt]);
      break;
    }
    default:
      await query('delete', [accountId, id, found.modifiedAt]);
  }
  answer(response, 204, headersOf(undefined));
}

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    answer(response, 500, {});
  });
});
// As the service says it in `Keep-Alive`.
server.keepAliveTimeout = 72_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}`, msg: 'Listening.' })}\n`);
});
