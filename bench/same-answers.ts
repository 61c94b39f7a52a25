import type { Listening } from './bench-context.js';
import type { LoadRequest } from './load.js';

/** Headers that are another in each answer. */
const OWN_HEADERS = new Set(['date', 'x-correlation-id']);

/**
 * Sides whose answers differ cannot be compared.
 *
 * @param as `bytes`: status, headers and body are the same; `values`: status and what the JSON says are
 * @throws Error with both answers where they differ
 */
export async function requireSameAnswers(
  sides: readonly Listening[],
  request: LoadRequest,
  as: 'bytes' | 'values',
): Promise<void> {
  const [first, ...others] = await Promise.all(sides.map(({ url }) => answerOf(url, request, as)));
  for (const other of others) {
    if (other !== first) throw new Error(`The sides answer differently:\n${first ?? ''}\n${other}`);
  }
}

async function answerOf(url: string, request: LoadRequest, as: 'bytes' | 'values'): Promise<string> {
  const answer = await fetch(url + request.path, { headers: request.headers });
  const body = await answer.text();
  if (as === 'values') return JSON.stringify([answer.status, JSON.parse(body)]);
  return JSON.stringify([answer.status, [...answer.headers].filter(([name]) => !OWN_HEADERS.has(name)), body]);
}
