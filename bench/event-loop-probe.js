/**
 * Loaded into the service by `--import` (process-probe.ts): measures how long its event loop is blocked. Every
 * SIGUSR2 writes the longest times since the last one to the file PROBE_FILE.
 */
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setInterval } from 'node:timers';

const INTERVAL_MS = 10;

const histogram = monitorEventLoopDelay({ resolution: INTERVAL_MS });
histogram.enable();
let longest = 0;
let answers = 0;
let last = performance.now();
let lastCpu = cpuMs();

setInterval(() => {
  const [now, cpu] = [performance.now(), cpuMs()];
  // What waited for a processor was not blocked by its own work.
  longest = Math.max(longest, Math.min(now - last, cpu - lastCpu) - INTERVAL_MS);
  last = now;
  lastCpu = cpu;
}, INTERVAL_MS).unref();

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

process.on('SIGUSR2', () => {
  answers += 1;
  const wallMs = Math.max(0, histogram.max / 1e6 - INTERVAL_MS);
  writeFileSync(process.env.PROBE_FILE ?? '', JSON.stringify({ answers, longestMs: longest, wallMs }));
  histogram.reset();
  longest = 0;
});
