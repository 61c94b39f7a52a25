import type { Scenario } from '../scenario.js';
import { wholeInventory } from './whole-inventory.js';
import { matching } from './matching.js';
import { oneHook } from './one-hook.js';

/** Every scenario of the bench, in the order in which they run and are printed. */
export const SCENARIOS: readonly Scenario[] = [wholeInventory, oneHook, matching];
