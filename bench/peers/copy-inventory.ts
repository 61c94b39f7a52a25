/**
 * The least that a full replacement takes: `read` fetches the rows of the table, `write` deletes them and copies the
 * same rows in again, in one transaction. The argument is the database; answers are CPU milliseconds.
 */
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { benchDatabase } from '../sides/bench-database.js';

const database = await benchDatabase(process.argv[2] ?? '');
let rows: Buffer[] = [];
process.stdout.write('{}\n');

for await (const command of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  await database.transaction(async (transaction) => {
    if (command === 'read') {
      rows = [];
      for await (const chunk of transaction.client.query(copyTo('COPY inventory_pods TO STDOUT'))) {
        rows.push(chunk as Buffer);
      }
      return;
    }
    await transaction.query({ text: 'DELETE FROM inventory_pods' });
    await pipeline(
      Readable.from(rows, { objectMode: false }),
      transaction.client.query(copyFrom('COPY inventory_pods FROM STDIN')),
    );
  });
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${JSON.stringify({ cpuMs: (user + system) / 1000 })}\n`);
}
await database.onApplicationShutdown();
