/**
 * Reads a pod list that it has in memory, again and again: `bare` by the framing parser alone, `ingest` as an ingest
 * does up to the database. Its one argument is the content of the list, as JSON; answers are CPU milliseconds.
 */
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { AppScope } from '../../src/features/inventory/app-scope.js';
import { ListCount } from '../../src/features/inventory/inventory-answer.js';
import { InventorySpool, SPOOL_MEMORY_BYTES } from '../../src/features/inventory/inventory-spool.js';
import { ListParser } from '../../src/features/inventory/list-parser.js';
import { POD_LIMITS, readPodList } from '../../src/features/inventory/pod-list-reader.js';
import { podList, type PodListContent } from '../inventory/pod-list.js';

const CHUNK_BYTES = 64 * 1024;

const bytes = Buffer.concat(Array.from(podList(JSON.parse(process.argv[2] ?? '') as PodListContent)));
process.stdout.write(`${JSON.stringify({ bytes: bytes.length })}\n`);

for await (const command of createInterface({ input: process.stdin })) {
  globalThis.gc?.();
  const before = process.cpuUsage();
  const pods = command === 'bare' ? bare() : await ingest();
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${JSON.stringify({ pods, cpuMs: (user + system) / 1000 })}\n`);
}

function* chunks(): Generator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

function bare(): number {
  const parser = new ListParser(POD_LIMITS);
  let pods = 0;
  for (const chunk of chunks()) for (const { type } of parser.write(chunk)) pods += type === 'item' ? 1 : 0;
  for (const { type } of parser.end()) pods += type === 'item' ? 1 : 0;
  return pods;
}

async function ingest(): Promise<number> {
  const spool = new InventorySpool(SPOOL_MEMORY_BYTES);
  const scope = new AppScope([]);
  const count = new ListCount();
  try {
    for await (const pod of readPodList(Readable.from(chunks()), POD_LIMITS)) {
      const reason = scope.reasonToLeaveOut(pod);
      count.add(pod, reason);
      if (reason === undefined) await spool.add(pod);
    }
    await spool.finish();
    return spool.podCount;
  } finally {
    await spool.dispose();
  }
}
