import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { InvalidHeaders, PreconditionNotMet } from '../problems/catalogue.js';
import { Preconditions } from './preconditions.js';

const TAG = '"0cc175b9c0f1b6a831c399e269772661"';
/** Modified 305662 microseconds after the second that HTTP dates can name. */
const STORED = { entityTag: TAG, modificationTimestamp: '2022-10-06T20:58:16.305662Z' };

const BEFORE = 'Thu, 06 Oct 2022 20:58:15 GMT';
const SAME = 'Thu, 06 Oct 2022 20:58:16 GMT';
const AFTER = 'Thu, 06 Oct 2022 20:58:17 GMT';

function check(headers: IncomingHttpHeaders): void {
  new Preconditions(headers).check(STORED);
}

describe('preconditions that hold', () => {
  it.each<IncomingHttpHeaders>([
    {},
    { 'if-match': TAG },
    { 'if-match': ` "other" ,\t${TAG}, "more"` },
    { 'if-match': '*' },
    { 'if-match': `, ${TAG},,` },
    { 'if-none-match': '"other"' },
    { 'if-none-match': '"other", W/"weak"' },
    // Strong comparison: a weak tag never matches.
    { 'if-none-match': `W/${TAG}` },
    { 'if-unmodified-since': SAME },
    { 'if-unmodified-since': AFTER },
    { 'if-modified-since': BEFORE },
    // The tag supersedes the date.
    { 'if-match': TAG, 'if-unmodified-since': BEFORE },
    { 'if-none-match': '"other"', 'if-modified-since': AFTER },
    { 'if-match': TAG, 'if-none-match': '"other"', 'if-modified-since': AFTER, 'if-unmodified-since': BEFORE },
  ])('%j', (headers) => {
    expect(() => {
      check(headers);
    }).not.toThrow();
  });
});

describe('preconditions that do not hold', () => {
  it.each<IncomingHttpHeaders>([
    { 'if-match': '"other"' },
    { 'if-match': `W/${TAG}` },
    { 'if-match': TAG.toUpperCase() },
    { 'if-none-match': TAG },
    { 'if-none-match': `"other",${TAG}` },
    { 'if-none-match': '*' },
    { 'if-unmodified-since': BEFORE },
    { 'if-modified-since': SAME },
    { 'if-modified-since': AFTER },
    { 'if-match': '"other"', 'if-unmodified-since': AFTER },
    { 'if-none-match': TAG, 'if-modified-since': BEFORE },
    { 'if-match': TAG, 'if-none-match': TAG },
  ])('%j', (headers) => {
    expect(() => {
      check(headers);
    }).toThrow(PreconditionNotMet);
  });
});

describe('preconditions that cannot be understood', () => {
  it.each<IncomingHttpHeaders>([
    { 'if-match': '' },
    { 'if-match': ',' },
    { 'if-match': 'unquoted' },
    { 'if-match': `${TAG} ${TAG}` },
    { 'if-match': `*, ${TAG}` },
    { 'if-match': '"open' },
    { 'if-match': '"with space"' },
    { 'if-match': `w/${TAG}` },
    { 'if-none-match': "'single'" },
    { 'if-unmodified-since': '' },
    { 'if-unmodified-since': '2022-10-06T20:58:16Z' },
    { 'if-unmodified-since': 'Thu, 06 Oct 2022 20:58:16' },
    { 'if-modified-since': 'yesterday' },
    { 'if-modified-since': 'Fri, 06 Oct 2022 20:58:16 GMT' },
    { 'if-modified-since': 'Wed, 31 Feb 2022 20:58:16 GMT' },
    // What supersedes it does not make it right.
    { 'if-match': TAG, 'if-unmodified-since': 'tomorrow' },
  ])('%j', (headers) => {
    expect(() => new Preconditions(headers)).toThrow(InvalidHeaders);
  });
});
