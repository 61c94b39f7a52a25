import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/**
 * What tells a running process from a later one with the same pid: the moment it started. Undefined when there is no
 * such process, or only a zombie of it.
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
    // The second field, the program's name in parentheses, may itself hold spaces and parentheses.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields?.[0], fields?.[19]];
    return state === undefined || startTicks === undefined || /[ZX]/.test(state) ? undefined : startTicks;
  }
  const line = attempt(() => execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }));
  const [, state = '', started] = /^\s*(\S+)\s+(.*\S)/.exec(line ?? '') ?? [];
  return state.startsWith('Z') ? undefined : started;
}

/**
 * The world in which a pid means something: this boot of this kernel and this pid namespace (a container has its
 * own). Pids of another world can neither be looked up nor signalled.
 */
export function processWorld(): string {
  if (process.platform !== 'linux') return process.platform;
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = attempt(() => readlinkSync('/proc/self/ns/pid'));
  return `${boot ?? ''} ${namespace ?? ''}`;
}

/** Whether a process works in a directory, as a Postgres server does in its cluster's. */
export function worksIn(pid: number, directory: string): boolean {
  if (process.platform === 'linux') return attempt(() => readlinkSync(`/proc/${pid}/cwd`)) === directory;
  const command = attempt(() => execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }));
  return command?.includes(directory) ?? false;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
