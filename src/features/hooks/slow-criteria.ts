import { Injectable } from '@nestjs/common';
import type { Criterion } from '../../matching/criterion.js';
import { isLarge, mayTakeLong, patternError } from '../../matching/pattern.js';
import type { InvalidField } from '../../problems/problem.js';
import { othersFirst } from '../../turns/others-first.js';
import { HookLookups } from './hook-lookups.js';
import { MatchingFields } from './matching-fields.js';

const TOO_SLOW = "takes too long to match in the app's containers: use a shorter or simpler pattern";

/** What decides which containers a hook selects. */
export interface WhatToMatch {
  readonly appID: string | null;
  readonly matchingCriteria: readonly Criterion[];
  readonly excludingCriteria?: readonly Criterion[] | null;
}

/** Finds the criteria that take too long to be matched, before a hook is written with them (ADR 0023). */
@Injectable()
export class SlowCriteria {
  constructor(
    private readonly lookups: HookLookups,
    private readonly matchingFields: MatchingFields,
  ) {}

  /**
   * Matches criteria that may take long. What is found out is kept for the answer.
   *
   * @returns the criteria to refuse
   */
  async find(accountId: string, hook: WhatToMatch): Promise<InvalidField[]> {
    const { appID, matchingCriteria, excludingCriteria } = hook;
    return [
      ...(await this.findAmong(accountId, appID, 'matchingCriteria', matchingCriteria)),
      ...(await this.findAmong(accountId, appID, 'excludingCriteria', excludingCriteria ?? [])),
    ];
  }

  private async findAmong(
    accountId: string,
    appId: string | null,
    field: string,
    criteria: readonly Criterion[],
  ): Promise<InvalidField[]> {
    await compileLarge(criteria);
    const patterns = criteria.map(({ value }) => value);
    if (appId === null || !mayTakeLong(patterns)) return [];
    if (patterns.some((value) => patternError(value) !== undefined)) return [];
    const revision = await this.lookups.inventoryRevision(accountId, appId);
    if (revision === undefined) return [];
    const tooSlow = await this.matchingFields.tooSlow({ accountId, appId, revision, criteria });
    return criteria.flatMap((criterion, index) =>
      tooSlow.some((each) => isSameCriterion(each, criterion))
        ? [{ name: `${field}[${index}].value`, reason: TOO_SLOW }]
        : [],
    );
  }
}

/** Whether two hooks select the same containers whatever the inventory holds. */
export function isSameMatching(left: WhatToMatch, right: WhatToMatch): boolean {
  return (
    left.appID === right.appID &&
    areSame(left.matchingCriteria, right.matchingCriteria) &&
    areSame(left.excludingCriteria ?? [], right.excludingCriteria ?? [])
  );
}

function areSame(left: readonly Criterion[], right: readonly Criterion[]): boolean {
  return left.length === right.length && left.every((criterion, index) => isSameCriterion(criterion, right[index]));
}

function isSameCriterion({ type, value }: Criterion, other: Criterion | undefined): boolean {
  return other?.type === type && other.value === value;
}

/** Checks the patterns that take long to compile one by one, with a turn for other requests after each. */
async function compileLarge(criteria: readonly Criterion[]): Promise<void> {
  for (const { value } of criteria) {
    if (!isLarge(value)) continue;
    patternError(value);
    await othersFirst();
  }
}
