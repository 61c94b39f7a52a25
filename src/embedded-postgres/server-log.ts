import { closeSync, copyFileSync, fchownSync, openSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';

const CHECK_MS = 30_000;

/** The log file of the embedded server, kept below twice `LARGEST_BYTES` together with its predecessor, `….1`. */
export class ServerLog {
  static readonly LARGEST_BYTES = 4 * 1024 * 1024;

  /** For the server to append to. Append mode: after the file is emptied under it, it goes on at the new end. */
  readonly descriptor: number;
  private readonly check: NodeJS.Timeout;

  /** @param account whom the file shall belong to, so that a service under that account can open it; for root only. */
  constructor(
    readonly path: string,
    account?: { readonly uid: number; readonly gid: number },
  ) {
    this.descriptor = openSync(path, 'a', 0o600);
    if (account !== undefined) fchownSync(this.descriptor, account.uid, account.gid);
    this.keepSmall();
    this.check = setInterval(() => {
      try {
        this.keepSmall();
      } catch {
        // A full disk, say: the service must not end for its log, and the next check comes.
      }
    }, CHECK_MS).unref();
  }

  get size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** What was written from an offset on, at most its last 2,000 characters. */
  since(offset: number): string {
    return readFileSync(this.path).subarray(offset).toString().trim().slice(-2_000);
  }

  close(): void {
    clearInterval(this.check);
    closeSync(this.descriptor);
  }

  private keepSmall(): void {
    if (this.size <= ServerLog.LARGEST_BYTES) return;
    // Removed first: it may belong to another account that has run the service here.
    rmSync(`${this.path}.1`, { force: true });
    copyFileSync(this.path, `${this.path}.1`);
    truncateSync(this.path);
  }
}
