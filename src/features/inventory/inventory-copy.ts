import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import type { Queryable, Statement } from '../../database/database.js';
import type { InventorySnapshot } from '../../matching/inventory-snapshot.js';
import { decodeSnapshot, encodeSnapshot, SNAPSHOT_FORMAT } from '../../matching/snapshot-bytes.js';
import { othersFirst } from '../../turns/others-first.js';
import type { AppKey } from './app-key.js';
import { inSlices } from './in-slices.js';

/** A snapshot's bytes, compressed, in parts. */
export type PackedSnapshot = readonly Buffer[];

/** A part of the copy of an app's inventory at the revision that it has, or, without a copy, the revision alone. */
export interface CopyRow {
  readonly revision: string;
  /** Null where there is no copy of this revision in this format. */
  readonly bytes: Buffer | null;
  readonly sha256: Buffer | null;
}

/**
 * The bytes of a part before they are compressed: a few milliseconds' work on either side, and the most that reading a
 * part may take.
 */
const PART_BYTES = 1024 ** 2;

/** The second lowest: a fifth smaller than the lowest, for little more time (ADR 0024). */
const QUALITY = 1;

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

/** A snapshot as parts, which are compressed on other threads; {@link unpack} makes a snapshot of them again. */
export async function pack(snapshot: InventorySnapshot): Promise<PackedSnapshot> {
  const parts: Buffer[] = [];
  const part = Buffer.allocUnsafe(PART_BYTES);
  let length = 0;
  const finish = async (): Promise<void> => {
    const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: length };
    parts.push(await compress(part.subarray(0, length), { params }));
    length = 0;
  };
  for (const piece of encodeSnapshot(snapshot)) {
    for (let at = 0; at < piece.length;) {
      const copied = piece.copy(part, length, at);
      at += copied;
      length += copied;
      if (length === PART_BYTES) await finish();
    }
    await othersFirst();
  }
  if (length > 0) await finish();
  return parts;
}

/**
 * The snapshot that was packed.
 *
 * @throws Error for parts that are damaged, or not all there
 */
export async function unpack(rows: readonly CopyRow[]): Promise<InventorySnapshot> {
  const parts: Buffer[] = [];
  for (const { bytes, sha256 } of rows) {
    if (bytes === null || sha256 === null || !digest(bytes).equals(sha256)) throw new Error('A part is damaged.');
    parts.push(await decompress(bytes, { chunkSize: PART_BYTES, maxOutputLength: PART_BYTES }));
    await othersFirst();
  }
  return inSlices(decodeSnapshot(Buffer.concat(parts)));
}

/** What is read of an app, with its copy where there is one of the revision that it has, and in this format. */
const READ_COPY: Statement = {
  name: 'inventory-copy',
  text: `
    SELECT apps.inventory_revision AS revision, copy.bytes, copy.sha256
    FROM apps
    LEFT JOIN inventory_copies AS copy ON copy.account_id = apps.account_id AND copy.app_id = apps.id
      AND copy.revision = apps.inventory_revision AND copy.format = ${SNAPSHOT_FORMAT}
    WHERE apps.account_id = $1 AND apps.id = $2
    ORDER BY copy.part`,
};

/** @returns nothing when the account has no such app, one row at least when it has */
export function readCopy(queryable: Queryable, { accountId, appId }: AppKey): Promise<CopyRow[]> {
  return queryable.query<CopyRow>(READ_COPY, [accountId, appId]);
}

const INSERT_PART: Statement = {
  name: 'inventory-copy-insert',
  text: `
    INSERT INTO inventory_copies (account_id, app_id, part, revision, format, sha256, bytes)
    VALUES ($1, $2, $3, $4, ${SNAPSHOT_FORMAT}, $5, $6)`,
};

/**
 * Stores the copy of an app's inventory at a revision, where no copy of the app is stored any more.
 *
 * @param transaction the one that writes the rows and the revision
 */
export async function insertCopy(
  transaction: Queryable,
  { accountId, appId }: AppKey,
  revision: string,
  copy: PackedSnapshot,
): Promise<void> {
  for (const [part, bytes] of copy.entries()) {
    await transaction.query(INSERT_PART, [accountId, appId, part, revision, digest(bytes), bytes]);
  }
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
