import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchContext } from '../bench-context.js';
import { SideProcess } from '../side-process.js';
import { interleave, median, medianRatio } from '../rounds.js';
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
  title: 'start to the first answer, against an empty Nest application; idle memory',
  async run(context) {
    const { url } = await context.newDatabase();
    const empty = (): Promise<Start> => startOnce(context, SideProcess.emptyNest(sideOptions(context, {})), '/');
    const service = (env: Readonly<Record<string, string>>): Promise<Start> =>
      startOnce(context, SideProcess.service(sideOptions(context, { PORT: '0', ...env })), '/readyz');
    const ready = await interleave(
      { service: () => service({ DATABASE_URL: url }), empty },
      { rounds: context.rounds, warmUps: 1 },
    );
    let cluster = 0;
    const embedded = (): Promise<Start> => service({ DATA_DIR: join(context.directory, `embedded-${cluster}`) });
    const made = await interleave(
      {
        first: () => {
          cluster += 1;
          return embedded();
        },
        second: embedded,
        empty,
      },
      { rounds: EMBEDDED_ROUNDS, warmUps: 0 },
    );
    return [
      starts('start on a ready PostgreSQL to the first answer', ready.service, ready.empty, 5),
      measured({
        scenario: 'S10',
        what: 'idle memory of the process',
        unit: 'MiB',
        ours: median(ready.service.map(({ residentMiB }) => residentMiB)),
        floor: { atMost: 160 },
        details: `${SETTLE_MS / 1000} s after the first answer`,
      }),
      starts('embedded PostgreSQL: first start, which makes the cluster and the demo', made.first, made.empty, 15),
      starts('embedded PostgreSQL: second start', made.second, made.empty, 7.5),
    ];
  },
};

function sideOptions(
  context: BenchContext,
  env: Readonly<Record<string, string>>,
): { readonly name: string; readonly env: Readonly<Record<string, string>>; readonly logFile: string } {
  return { name: 'what is started', env, logFile: context.newLogFile() };
}

/** @param path what is asked for first; an empty application answers 404 */
async function startOnce(context: BenchContext, side: SideProcess, path: string): Promise<Start> {
  const began = performance.now();
  context.onEnd(() => side.stop());
  const answer = await fetch(`${await side.listens()}${path}`);
  await answer.arrayBuffer();
  const ms = performance.now() - began;
  if (answer.status >= 500) throw new Error(`${path}: ${answer.status}`);
  await sleep(SETTLE_MS);
  const residentMiB = side.residentBytes() / MEBIBYTE;
  await side.stop();
  return { ms, residentMiB };
}

function starts(what: string, rounds: readonly Start[], empty: readonly Start[], atMost: number): Measurement {
  const seconds = (side: readonly Start[]): number[] => side.map(({ ms }) => ms / 1000);
  const ours = seconds(rounds);
  return measured({
    scenario: 'S10',
    what: `${what}, against an empty Nest application`,
    unit: 's',
    ours: median(ours),
    peer: median(seconds(empty)),
    ratio: medianRatio(ours, seconds(empty)),
    floor: { atMost },
    details: `${rounds.length} starts, ${Math.min(...ours).toFixed(2)} to ${Math.max(...ours).toFixed(2)} s`,
  });
}
