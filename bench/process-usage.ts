import { readFileSync } from 'node:fs';

/** Clock ticks a second of `/proc/<pid>/stat`: a constant of the kernel's interface. */
const TICKS = 100;

/** CPU seconds that a process has used so far, with all of its threads, in user and kernel mode; steps of 10 ms. */
export function cpuSeconds(pid: number): number {
  // The second field is the program's name in parentheses and may hold anything, so fields are counted from behind it.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** CPU seconds of a process and of those that it has started and that still live: all of PostgreSQL. */
export function treeCpuSeconds(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, each) => {
    try {
      return sum + cpuSeconds(each);
    } catch {
      // It ended between the listing and the reading.
      return sum;
    }
  }, 0);
}

/** Resident memory of a process in bytes: now, or at its highest so far. */
export function residentBytes(pid: number, when: 'now' | 'peak'): number {
  const field = when === 'now' ? 'VmRSS' : 'VmHWM';
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kibibytes === undefined) throw new Error(`The process ${pid} has no ${field}: it has ended.`);
  return Number(kibibytes) * 1024;
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
}
