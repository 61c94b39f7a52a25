import { describe, expect, it } from '@jest/globals';
import { NotAcceptable } from '../problems/catalogue.js';
import { isJsonContentType, negotiate } from './media-types.js';

const OWN = 'application/astra-executionHook';
const OWN_JSON = 'application/astra-executionHook+json';

describe('negotiate', () => {
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['application/json', 'application/json'],
    ['APPLICATION/JSON', 'application/json'],
    ['application/json; charset=utf-8', 'application/json'],
    [OWN_JSON, OWN_JSON],
    [`${OWN_JSON}; charset="UTF-8"`, OWN_JSON],
    [`${OWN_JSON}, application/json`, OWN_JSON],
    [`application/json, ${OWN_JSON}`, 'application/json'],
    [`application/json;q=0.5, ${OWN_JSON}`, OWN_JSON],
    [`${OWN_JSON};q=0.1, */*;q=0.5`, 'application/json'],
    [`text/html, application/json;q=0.9, */*;q=0.1`, 'application/json'],
    [`application/json;q=0, ${OWN_JSON};q=0.001`, OWN_JSON],
    [`application/json;q=0, */*`, OWN_JSON],
    ['text/html, */*;q=0.1', 'application/json'],
  ])('%j gets %s', (accept, expected) => {
    expect(negotiate(accept, OWN)).toBe(expected);
  });

  it.each([
    'text/html',
    'application/xml',
    // Without its suffix, the type is another one.
    OWN,
    'application/astra-app+json',
    'application/json;q=0',
    '*/*;q=0',
    'application/json; charset=latin1',
    'text/*, image/png',
  ])('%j gets nothing', (accept) => {
    expect(() => negotiate(accept, OWN)).toThrow(NotAcceptable);
  });
});

describe('isJsonContentType', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF8"',
    'application/json; foo=bar',
    OWN_JSON,
    'application/anything.at-all+json',
  ])('takes %s', (contentType) => {
    expect(isJsonContentType(contentType)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'text/plain',
    'text/json',
    'application/xml',
    'application/jsonp',
    'application/+json',
    'application/a/b+json',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'multipart/form-data; boundary=application/json',
    OWN,
  ])('refuses %s', (contentType) => {
    expect(isJsonContentType(contentType)).toBe(false);
  });
});
