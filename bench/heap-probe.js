/**
 * Loaded into the service by `--import` (process-probe.ts): measures its heap. Every SIGUSR2 writes the bytes in use after
 * a full collection, and the most that were in use since the last SIGUSR2, to the file PROBE_FILE.
 */
import { writeFileSync } from 'node:fs';
import { setInterval } from 'node:timers';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const INTERVAL_MS = 2;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
let answers = 0;
let peakBytes = used();

setInterval(() => {
  peakBytes = Math.max(peakBytes, used());
}, INTERVAL_MS).unref();

function used() {
  return getHeapStatistics().used_heap_size;
}

process.on('SIGUSR2', () => {
  answers += 1;
  collectGarbage();
  const bytes = used();
  writeFileSync(process.env.PROBE_FILE ?? '', JSON.stringify({ answers, bytes, peakBytes }));
  peakBytes = bytes;
});
