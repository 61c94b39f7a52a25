/** The middle value. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value that the given share of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/**
 * Runs the sides in turn, A B A B: what the machine does beside the bench then meets all of them alike.
 *
 * @param warmUps rounds before the first that counts
 * @returns what each side returned, round by round
 */
export async function interleave<Side extends string, T>(
  sides: Readonly<Record<Side, () => Promise<T>>>,
  { rounds, warmUps }: { readonly rounds: number; readonly warmUps: number },
): Promise<Record<Side, T[]>> {
  const names = Object.keys(sides) as Side[];
  const results = Object.fromEntries(names.map((name) => [name, [] as T[]])) as unknown as Record<Side, T[]>;
  for (let round = -warmUps; round < rounds; round++) {
    for (const name of names) {
      const result = await sides[name]();
      if (round >= 0) results[name].push(result);
    }
  }
  return results;
}

/** The median over the rounds of `ours / peer` of the same round, which share the machine's mood. */
export function medianRatio(ours: readonly number[], peer: readonly number[]): number {
  return median(ours.map((value, round) => value / (peer[round] ?? Number.NaN)));
}
