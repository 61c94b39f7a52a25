import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { MAX_INVALID_FIELDS } from '../../rest/storable-text.js';
import { compareCodePoints } from '../../matching/code-point-order.js';
import { ExtendedValidationFailure } from '../../problems/catalogue.js';
import type { InvalidField } from '../../problems/problem.js';
import type { ListedPod } from './listed-pod.js';
import { noTemporaryFiles, openTemporaryFile } from './temporary-file.js';

/** This many bytes of rows stay in memory; what goes beyond goes to a temporary file. */
export const SPOOL_MEMORY_BYTES = 8 * 1024 ** 2;

/** Rows are encoded, digested and written in pieces of about this many UTF-16 code units. */
const PIECE_LENGTH = 64 * 1024;

/** The most bytes that the containers of one pod may take in an answer, about: docs/api.md, section 8. */
const MOST_POD_BYTES = 1024 ** 2;
/** What stands around the texts of a container in an answer. */
const CONTAINER_BYTES = 100;

/** Bytes that are read back from the file at a time. */
const READ_BYTES = 256 * 1024;

/**
 * The rows of one inventory between the request and the database, so that a slow client never holds a connection or a
 * transaction: a body is read to its end before the database hears of it.
 *
 * The rows are in Postgres' COPY text format, their columns `SPOOL_COLUMNS`. Labels and containers are ordered by
 * name, so that the same pod always gives the same row.
 */
export class InventorySpool {
  private readonly hash = createHash('sha256');
  private pieces: Buffer[] = [];
  private pieceBytes = 0;
  private pending = '';
  private pendingDigest = '';
  private pods = 0;
  private bytes = 0;
  private readonly refused: InvalidField[] = [];
  private file: FileHandle | undefined;

  /**
   * @param memoryBytes {@link SPOOL_MEMORY_BYTES}, or less where a file is wanted sooner
   * @param folder where the file is; the system's for temporary files where it is left out
   */
  constructor(
    private readonly memoryBytes: number,
    private readonly folder?: string,
  ) {}

  /** How many pods were added. */
  get podCount(): number {
    return this.pods;
  }

  /** How many bytes the rows take, once it is finished. */
  get byteLength(): number {
    return this.bytes;
  }

  /** Adds one pod; the promise lasts while the spool writes to its file. @throws PlainProblem 503 when it cannot */
  async add(pod: ListedPod): Promise<void> {
    const columns = rowOf(pod);
    const row = `${Object.values(columns).map(copyText).join('\t')}\n`;
    this.pods += 1;
    this.findRepeated(pod);
    this.requireShort(pod, columns);
    this.pendingDigest += row;
    this.pending += `${pod.index}\t${row}`;
    if (this.pending.length >= PIECE_LENGTH) await this.flush();
  }

  /**
   * To be called once, after the last pod.
   *
   * @throws ExtendedValidationFailure naming the containers whose name their pod has twice, and the pods whose
   *   containers would take more than 1 MiB of an answer
   * @returns the SHA-256 digest of the rows without their first column: lists that differ only in what the inventory
   *   leaves out have the same one
   */
  async finish(): Promise<Buffer> {
    if (this.refused.length > 0) throw new ExtendedValidationFailure(this.refused);
    await this.flush();
    return this.hash.digest();
  }

  /** All rows, from the first one on. */
  rows(): Readable {
    if (this.file === undefined) return Readable.from(this.pieces, { objectMode: false });
    return this.file.createReadStream({ start: 0, autoClose: false, highWaterMark: READ_BYTES });
  }

  /** Gives memory and file back; to be called in any case. */
  async dispose(): Promise<void> {
    this.pieces = [];
    await this.file?.close();
  }

  private findRepeated({ index, containers }: ListedPod): void {
    const names = new Set<string>();
    containers.forEach(({ name, sidecar }, at) => {
      if (names.has(name)) {
        const path = sidecar === undefined ? `containers[${at}]` : `initContainers[${sidecar}]`;
        this.refuse(`items[${index}].spec.${path}.name`, 'must not be that of another container of the pod');
      }
      names.add(name);
    });
  }

  /** Each container of an answer has all labels of its pod: a small list could make answers that nobody can read. */
  private requireShort({ index, namespace, name, containers: { length } }: ListedPod, row: Row): void {
    const ofEach = namespace.length + name.length + Buffer.byteLength(row.labels) + CONTAINER_BYTES;
    if (length * ofEach + Buffer.byteLength(row.containers) <= MOST_POD_BYTES) return;
    const reason = `pod ${namespace}/${name} has too many labels for its ${length} containers: listed with all labels each, they would take more than ${MOST_POD_BYTES} bytes of an answer`;
    this.refuse(`items[${index}]`, reason);
  }

  private refuse(name: string, reason: string): void {
    if (this.refused.length < MAX_INVALID_FIELDS) this.refused.push({ name, reason });
  }

  private async flush(): Promise<void> {
    this.hash.update(this.pendingDigest);
    const piece = Buffer.from(this.pending);
    this.pieces.push(piece);
    this.pieceBytes += piece.length;
    this.bytes += piece.length;
    this.pendingDigest = '';
    this.pending = '';
    if (this.file === undefined && this.pieceBytes <= this.memoryBytes) return;
    this.file ??= await openTemporaryFile(this.folder);
    const { pieces } = this;
    this.pieces = [];
    await this.file.appendFile(Buffer.concat(pieces)).catch(noTemporaryFiles);
  }
}

/** The columns of a row, for COPY. `item` is the pod's place in the list, for the answer to a pod listed twice. */
export const SPOOL_COLUMNS = 'item, namespace, pod, labels, containers';

/** The columns of a row, in the order of {@link SPOOL_COLUMNS}; the last two are JSON. */
interface Row {
  readonly namespace: string;
  readonly name: string;
  readonly labels: string;
  readonly containers: string;
}

function rowOf({ namespace, name, labels, containers }: ListedPod): Row {
  const labelList = [...labels]
    .map(([label, value]) => ({ name: label, value }))
    .sort((left, right) => compareCodePoints(left.name, right.name));
  const containerList = containers
    .map(({ name: container, image, state, reason }) => ({ name: container, image, state, reason }))
    .sort((left, right) => compareCodePoints(left.name, right.name));
  return { namespace, name, labels: JSON.stringify(labelList), containers: JSON.stringify(containerList) };
}

const COPY_ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function copyText(text: string): string {
  return text.replace(/[\\\t\n\r]/g, (character) => COPY_ESCAPES[character] ?? character);
}

const COPY_UNESCAPES: Readonly<Record<string, string>> = { '\\t': '\t', '\\n': '\n', '\\r': '\r' };

/** The text of a column of a row. */
export function copiedText(column: string): string {
  if (!column.includes('\\')) return column;
  return column.replace(/\\./g, (escape) => COPY_UNESCAPES[escape] ?? escape.slice(1));
}
