import type { BenchContext } from './bench-context.js';

/** What a measurement must reach: its ratio, or its own figure where there is nothing beside it. */
export type Floor = { readonly atMost: number } | { readonly atLeast: number };

/** One line of the table. */
export interface Measurement {
  /** `S1`, … */
  readonly scenario: string;
  /** What was done, and what stands beside it: `GET one hook, against node:http`. */
  readonly what: string;
  /** Of `ours` and `peer`: `µs CPU a request`, `ms`, `MiB`, … */
  readonly unit: string;
  readonly ours: number;
  /** The same of what is measured beside it; undefined where a figure stands alone. */
  readonly peer: number | undefined;
  /** `ours / peer`, or its inverse where more is better; undefined without a peer. */
  readonly ratio: number | undefined;
  /** Undefined for what is printed for information only. */
  readonly floor: Floor | undefined;
  readonly holds: boolean;
  /** Wall time, p99, sizes, or why something could not be measured here. */
  readonly details: string;
}

/** What a scenario says of a measurement; the rest follows from it. */
export type MeasurementFigures = Omit<Measurement, 'ratio' | 'holds' | 'peer' | 'floor'> & {
  readonly peer?: number;
  readonly floor?: Floor;
  /** Left out: `ours / peer`. */
  readonly ratio?: number;
};

/** A scenario of the bench: some work, done by the service and by what it is compared with. */
export interface Scenario {
  /** `S1`, …, and `C1`, …: what `--only` selects. */
  readonly id: string;
  readonly title: string;
  /** Whether it takes so long that only `--only` runs it. */
  readonly onDemand?: true;
  run(context: BenchContext): Promise<readonly Measurement[]>;
}

/** A measurement with its ratio and whether the floor holds. */
export function measured(figures: MeasurementFigures): Measurement {
  const { ours, peer, floor } = figures;
  const ratio = figures.ratio ?? (peer === undefined ? undefined : ours / peer);
  return { ...figures, peer, ratio, floor, holds: holds(ratio ?? ours, floor) };
}

/** What cannot be measured on this machine: no floor is missed by it, and the table says why. */
export function skipped(scenario: string, what: string, why: string): Measurement {
  return measured({ scenario, what, unit: '', ours: Number.NaN, details: `skipped: ${why}` });
}

function holds(figure: number, floor: Floor | undefined): boolean {
  if (floor === undefined) return true;
  return 'atMost' in floor ? figure <= floor.atMost : figure >= floor.atLeast;
}
