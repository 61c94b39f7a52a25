import { compareLoads, LoadClient, loadRound, type LoadRequest, type LoadRound } from '../load.js';
import { interleave, median, medianRatio } from '../rounds.js';
import { measured, type Scenario } from '../scenario.js';
import { seedAccount, seedHook, seedInventory } from '../seed.js';

const CONTAINERS = 1_000;
const HOOKS = 1_000;
/** Lists of one round, one after the other. */
const LISTS = 5;

const STORED_FIELDS =
  'type,version,id,name,hookType,matchingCriteria,action,stage,hookSourceID,arguments,appID,enabled,description,metadata';

/** The list of an app's hooks with their matching fields, against the same list without them. */
export const hooksOfApp: Scenario = {
  id: 'S7',
  title: `list of an app's ${HOOKS} hooks, ${CONTAINERS} containers`,
  async run(context) {
    const { url, database } = await context.newDatabase();
    const account = await seedAccount(database, 'list');
    await seedInventory(database, account, CONTAINERS, context.seed);
    for (let n = 0; n < HOOKS; n++) {
      await seedHook(database, account, `hook ${n}`, [
        { type: 'podLabel', value: `^app=service-${n % 200}$` },
        { type: 'podName', value: `-${n}$|-${n % 7}[0-9]*$` },
      ]);
    }
    const service = await context.startService(url);
    const client = LoadClient.start(context);
    const list = (query: string): (() => Promise<LoadRound>) => {
      const request: LoadRequest = {
        method: 'GET',
        path: `/accounts/${account.accountID}/k8s/v1/apps/${account.appID}/executionHooks${query}`,
        headers: { authorization: `Bearer ${account.token}`, accept: '*/*' },
      };
      const requests = new Array<LoadRequest>(LISTS).fill(request);
      return () => loadRound(context, client, service, { requests, connections: 1, status: 200 });
    };
    const rounds = await interleave(
      { matching: list(''), stored: list(`?include=${STORED_FIELDS}`) },
      { rounds: context.rounds, warmUps: 2 },
    );
    const perKibibyte = (side: readonly LoadRound[]): number[] =>
      side.map(({ cpuPerRequest, requests, bytes }) => (cpuPerRequest * requests) / (bytes / 1024));
    const [ours, peer] = [perKibibyte(rounds.matching), perKibibyte(rounds.stored)];
    const kibibytes = (side: readonly LoadRound[]): string =>
      `${median(side.map(({ bytes, requests }) => bytes / requests / 1024)).toFixed(0)} KiB`;
    const { details } = compareLoads(rounds.matching, rounds.stored);
    return [
      measured({
        scenario: 'S7',
        what: 'list of 1,000 hooks with matching fields, a byte, against stored fields only',
        unit: 'µs CPU a KiB',
        ours: median(ours),
        peer: median(peer),
        ratio: medianRatio(ours, peer),
        floor: { atMost: 1.5 },
        details: `${kibibytes(rounds.matching)} and ${kibibytes(rounds.stored)}; ${details}`,
      }),
    ];
  },
};
