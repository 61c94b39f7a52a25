import type { Scenario } from '../scenario.js';
import { collections } from './collections.js';
import { hooksOfApp } from './hooks-of-app.js';
import { ingest } from './ingest.js';
import { largeApp } from './large-app.js';
import { matching } from './matching.js';
import { oneHook } from './one-hook.js';
import { otherClients } from './other-clients.js';
import { replicas } from './replicas.js';
import { start } from './start.js';
import { wholeInventory } from './whole-inventory.js';
import { writes } from './writes.js';

/** Every scenario of the bench, in the order in which they run and are printed. */
export const SCENARIOS: readonly Scenario[] = [
  oneHook,
  writes,
  matching,
  largeApp,
  wholeInventory,
  hooksOfApp,
  ingest,
  otherClients,
  start,
  replicas,
  collections,
];
