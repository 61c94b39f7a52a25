import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchContext } from '../bench-context.js';
import { SideProcess } from '../side-process.js';
import { median } from '../rounds.js';
import { measured, type Measurement, type Scenario } from '../scenario.js';

const MEBIBYTE = 1024 ** 2;
/** After the first answer, for what the start has left to do. */
const SETTLE_MS = 2_000;
/** First starts of the embedded database take seconds each. */
const EMBEDDED_ROUNDS = 3;

interface Start {
  /** From the start of the process to its first answer, in milliseconds. */
  readonly ms: number;
  readonly residentMiB: number;
}

/** How long the service takes from its start to its first answer, and the memory that it then rests at. */
export const start: Scenario = {
  id: 'S10',
  title: 'start to the first answer, idle memory',
  async run(context) {
    const { url } = await context.newDatabase();
    const ready: Start[] = [];
    for (let round = 0; round < context.rounds; round++) ready.push(await startOnce(context, { DATABASE_URL: url }));
    const first: Start[] = [];
    const second: Start[] = [];
    for (let round = 0; round < EMBEDDED_ROUNDS; round++) {
      const env = { DATA_DIR: join(context.directory, `embedded-${round}`) };
      first.push(await startOnce(context, env));
      second.push(await startOnce(context, env));
    }
    return [
      starts('start on a ready PostgreSQL to the first answer', ready, 2),
      measured({
        scenario: 'S10',
        what: 'idle memory of the process',
        unit: 'MiB',
        ours: median(ready.map(({ residentMiB }) => residentMiB)),
        floor: { atMost: 160 },
        details: `${SETTLE_MS / 1000} s after the first answer`,
      }),
      starts('embedded PostgreSQL: first start, which makes the cluster and the demo', first, 6),
      starts('embedded PostgreSQL: second start', second, 3),
    ];
  },
};

async function startOnce(context: BenchContext, env: Readonly<Record<string, string>>): Promise<Start> {
  const began = performance.now();
  const service = SideProcess.service({
    name: 'the service',
    env: { PORT: '0', ...env },
    logFile: context.newLogFile(),
  });
  context.onEnd(() => service.stop());
  const url = await service.listens();
  const answer = await fetch(`${url}/readyz`);
  const ms = performance.now() - began;
  if (!answer.ok) throw new Error(`/readyz: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
  await sleep(SETTLE_MS);
  const residentMiB = service.residentBytes() / MEBIBYTE;
  await service.stop();
  return { ms, residentMiB };
}

function starts(what: string, rounds: readonly Start[], atMost: number): Measurement {
  const seconds = rounds.map(({ ms }) => ms / 1000);
  return measured({
    scenario: 'S10',
    what,
    unit: 's',
    ours: median(seconds),
    floor: { atMost },
    details: `${rounds.length} starts, ${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)} s`,
  });
}
