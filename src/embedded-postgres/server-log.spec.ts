import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ServerLog } from './server-log.js';

describe('ServerLog', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    jest.useFakeTimers();
    directory = mkdtempSync(join(tmpdir(), 'execution-hooks-log-'));
    path = join(directory, 'server.log');
  });
  afterEach(() => {
    jest.useRealTimers();
    rmSync(directory, { recursive: true, force: true });
  });

  it('appends to what is there, readable by its owner only', () => {
    writeFileSync(path, 'yesterday\n', { mode: 0o600 });
    const log = new ServerLog(path);
    const before = log.size;
    writeSync(log.descriptor, 'today\n');
    expect(readFileSync(path, 'utf8')).toBe('yesterday\ntoday\n');
    expect(log.since(before)).toBe('today');
    expect(statSync(path).mode & 0o077).toBe(0);
    log.close();
  });

  it('starts over under the server when it has grown too large, and keeps the one before', () => {
    writeFileSync(`${path}.1`, 'last week');
    const log = new ServerLog(path);
    const long = 'x'.repeat(ServerLog.LARGEST_BYTES + 1);
    writeSync(log.descriptor, long);
    jest.advanceTimersByTime(60_000);
    writeSync(log.descriptor, 'after');
    expect(readFileSync(path, 'utf8')).toBe('after');
    expect(readFileSync(`${path}.1`, 'utf8')).toBe(long);
    log.close();
  });

  it('leaves a log alone that is not too large', () => {
    const log = new ServerLog(path);
    writeSync(log.descriptor, 'x'.repeat(ServerLog.LARGEST_BYTES));
    jest.advanceTimersByTime(60_000);
    expect(log.size).toBe(ServerLog.LARGEST_BYTES);
    log.close();
  });
});
