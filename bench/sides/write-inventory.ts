/**
 * The database part of an ingest as a program of its own. Arguments: the database, the account and the app. Each
 * command is the content of an inventory, as JSON: its rows are made, then written as the service writes them. Answers
 * the CPU milliseconds of the writing.
 */
import { createInterface } from 'node:readline/promises';
import { AppScope } from '../../src/features/inventory/app-scope.js';
import { InventorySpool, SPOOL_MEMORY_BYTES } from '../../src/features/inventory/inventory-spool.js';
import { replaceInventory } from '../../src/features/inventory/inventory-writer.js';
import { podsOf, type PodListContent } from '../inventory/pod-list.js';
import { benchDatabase } from './bench-database.js';

const [url = '', accountId = '', appId = ''] = process.argv.slice(2);
const database = await benchDatabase(url);
process.stdout.write('{}\n');

for await (const command of createInterface({ input: process.stdin })) {
  const spool = new InventorySpool(SPOOL_MEMORY_BYTES);
  try {
    let index = 0;
    for (const pod of podsOf(JSON.parse(command) as PodListContent)) {
      await spool.add({
        index: index++,
        namespace: pod.namespaceName,
        name: pod.podName,
        labels: new Map(pod.podLabels.map(({ name, value }) => [name, value])),
        containers: pod.containers,
        initContainers: 0,
        ephemeralContainers: 0,
        phase: 'Running',
        isBeingDeleted: false,
        isNodeLost: false,
      });
    }
    const before = process.cpuUsage();
    await replaceInventory(database, { accountId, appId }, spool, { scope: new AppScope([]) });
    const { user, system } = process.cpuUsage(before);
    process.stdout.write(`${JSON.stringify({ cpuMs: (user + system) / 1000 })}\n`);
  } finally {
    await spool.dispose();
  }
}
await database.onApplicationShutdown();
