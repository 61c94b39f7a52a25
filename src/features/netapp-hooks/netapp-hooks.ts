import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { EXECUTION_HOOKS } from '../hooks/execution-hook.resource.js';
import type { Transaction } from '../../database/database.js';
import { newIdentifier, NULL_IDENTIFIER } from '../../query/identifier.js';
import { violatedConstraint } from '../../database/postgres-problem.js';
import type { HookFile, HookOfFile, SourceOfFile } from './hook-file.js';

/** What became of each hook or hook source, by its name. */
export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
}

/** What an installation did to one account. */
export interface Installation {
  readonly hookSources: Changes;
  readonly hooks: Changes;
}

/** What a removal did to one account. */
export interface Removal {
  readonly hooks: readonly string[];
  readonly hookSources: readonly string[];
  /** Hook sources that stay, because hooks of the account's own run them. */
  readonly kept: readonly string[];
}

/** The account has something of its own by a name that the file uses. */
export class NameTaken extends Error {
  constructor(what: string, name: string) {
    super(`The account has ${what} "${name}" of its own.`);
    this.name = 'NameTaken';
  }
}

/**
 * Makes an account's netapp hooks and their hook sources what the file says, and leaves those that it does not name. To
 * be called in a transaction; doing it again changes nothing.
 *
 * @throws NameTaken
 */
export async function installNetappHooks(
  transaction: Transaction,
  accountId: string,
  { hookSources, hooks }: HookFile,
): Promise<Installation> {
  const sourceChanges = new ChangeList();
  const sourceIds = new Map<string, string>();
  for (const source of hookSources) {
    const { id, change } = await putSource(transaction, accountId, source);
    sourceIds.set(source.name, id);
    sourceChanges[change].push(source.name);
  }
  const hookChanges = new ChangeList();
  for (const hook of hooks) {
    hookChanges[await putHook(transaction, accountId, hook, sourceIds.get(hook.hookSource) ?? '')].push(hook.name);
  }
  return { hookSources: sourceChanges, hooks: hookChanges };
}

/** A netapp hook as the command line lists it. */
export interface InstalledHook {
  readonly accountID: string;
  readonly id: string;
  readonly name: string;
  readonly action: string;
  readonly stage: string;
  readonly enabled: string;
  readonly hookSource: string;
}

/** The netapp hooks of one account, or of all. */
export function listNetappHooks(transaction: Transaction, accountId: string | undefined): Promise<InstalledHook[]> {
  return transaction.query<InstalledHook>(
    {
      text: `
        SELECT h.account_id AS "accountID", h.id, h.name, h.action, h.stage, h.enabled, s.name AS "hookSource"
        FROM execution_hooks h
        JOIN hook_sources s ON s.account_id = h.account_id AND s.id = h.hook_source_id
        WHERE h.hook_type = 'netapp' AND ($1::uuid IS NULL OR h.account_id = $1)
        ORDER BY h.account_id, h.created_at, h.id`,
    },
    [accountId ?? null],
  );
}

/**
 * Takes netapp hooks away from an account, and the preloaded hook sources that no hook runs any more.
 *
 * @param file only what it names; everything where it is left out
 */
export async function removeNetappHooks(
  transaction: Transaction,
  accountId: string,
  file?: Pick<HookFile, 'hooks' | 'hookSources'>,
): Promise<Removal> {
  const names = (items: readonly { readonly name: string }[] | undefined): readonly string[] | null =>
    items?.map(({ name }) => name) ?? null;
  const hooks = await transaction.query<{ name: string }>(
    {
      text: `
        DELETE FROM execution_hooks
        WHERE account_id = $1 AND hook_type = 'netapp' AND ($2::text[] IS NULL OR name = ANY($2))
        RETURNING name`,
    },
    [accountId, names(file?.hooks)],
  );
  const hookSources = await transaction.query<{ name: string; isRun: boolean; id: string }>(
    {
      text: `
        SELECT s.name, s.id, EXISTS (
          SELECT FROM execution_hooks h WHERE h.account_id = s.account_id AND h.hook_source_id = s.id
        ) AS "isRun"
        FROM hook_sources s
        WHERE s.account_id = $1 AND s.preloaded = 'true' AND ($2::text[] IS NULL OR s.name = ANY($2))
        ORDER BY s.name
        FOR UPDATE`,
    },
    [accountId, names(file?.hookSources)],
  );
  const unused = hookSources.filter(({ isRun }) => !isRun);
  await transaction.query({ text: 'DELETE FROM hook_sources WHERE account_id = $1 AND id = ANY($2::uuid[])' }, [
    accountId,
    unused.map(({ id }) => id),
  ]);
  return {
    hooks: hooks.map(({ name }) => name),
    hookSources: unused.map(({ name }) => name),
    kept: hookSources.filter(({ isRun }) => isRun).map(({ name }) => name),
  };
}

class ChangeList implements Changes {
  readonly added: string[] = [];
  readonly changed: string[] = [];
  readonly unchanged: string[] = [];
}

type Change = keyof Changes;

async function putSource(
  transaction: Transaction,
  accountId: string,
  { name, description, source }: SourceOfFile,
): Promise<{ readonly id: string; readonly change: Change }> {
  const [stored] = await transaction.query<{ id: string; preloaded: string; isSame: boolean }>(
    {
      text: `
        SELECT id, preloaded, source = $3 AND description IS NOT DISTINCT FROM $4 AS "isSame"
        FROM hook_sources WHERE account_id = $1 AND name = $2 FOR UPDATE`,
    },
    [accountId, name, source, description],
  );
  if (stored === undefined) {
    const id = newIdentifier();
    await transaction.query(
      {
        text: `
          INSERT INTO hook_sources (account_id, id, version, name, source_type, source, source_md5, description,
            preloaded, created_by)
          VALUES ($1, $2, '1.0', $3, 'script', $4, $5, $6, 'true', $7)`,
      },
      [accountId, id, name, source, md5(source), description, NULL_IDENTIFIER],
    );
    return { id, change: 'added' };
  }
  const { id } = stored;
  if (stored.preloaded !== 'true') throw new NameTaken('a hook source', name);
  if (stored.isSame) return { id, change: 'unchanged' };
  await transaction.query(
    {
      text: `
        UPDATE hook_sources SET source = $3, source_md5 = $4, description = $5, modified_by = $6,
          modified_at = clock_timestamp()
        WHERE account_id = $1 AND id = $2`,
    },
    [accountId, id, source, md5(source), description, NULL_IDENTIFIER],
  );
  return { id, change: 'changed' };
}

async function putHook(
  transaction: Transaction,
  accountId: string,
  { hookSource: _, ...hook }: HookOfFile,
  hookSourceID: string,
): Promise<Change> {
  const [found] = await transaction.query<{ id: string }>(
    {
      text: `SELECT id FROM execution_hooks WHERE account_id = $1 AND name = $2 AND hook_type = 'netapp' FOR UPDATE`,
    },
    [accountId, hook.name],
  );
  const unset = { excludingCriteria: null, execution: null };
  const values = { ...unset, ...hook, hookType: 'netapp' as const, hookSourceID, appID: null, labels: [] };
  const key = [accountId, found?.id ?? newIdentifier()];
  if (found !== undefined) {
    const stored = await EXECUTION_HOOKS.read(transaction, key);
    // What was read of the file are instances of classes, what is stored are not.
    const written = Object.entries(JSON.parse(JSON.stringify(values)) as Record<string, unknown>);
    const isSame = written.every(
      ([name, value]) =>
        name === 'labels' || isDeepStrictEqual((stored as unknown as Record<string, unknown>)[name], value),
    );
    if (isSame) return 'unchanged';
    await EXECUTION_HOOKS.update(transaction, key, { ...values, labels: stored?.labels ?? [] }, NULL_IDENTIFIER);
    return 'changed';
  }
  try {
    await EXECUTION_HOOKS.insert(transaction, key, values, NULL_IDENTIFIER);
  } catch (error) {
    if (violatedConstraint(error) === 'execution_hooks_name_unique')
      throw new NameTaken('an execution hook', hook.name);
    throw error;
  }
  return 'added';
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
