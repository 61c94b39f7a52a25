import { describe, expect, it } from '@jest/globals';
import { hostUrls } from '../settings/host-urls.js';
import { Hosts } from './hosts.js';

describe('hostUrls', () => {
  it.each([
    ['postgresql://one/db', ['postgresql://one/db']],
    ['postgres:///db?host=/run/postgresql', ['postgres:///db?host=/run/postgresql']],
    ['postgres://u:p%40@[::1]:5433/db', ['postgres://u:p%40@[::1]:5433/db']],
    [
      'postgres://u:a,b@one:5432,two:5433,[::1]/db?sslmode=require&target_session_attrs=read-write',
      [
        'postgres://u:a,b@one:5432/db?sslmode=require&target_session_attrs=read-write',
        'postgres://u:a,b@two:5433/db?sslmode=require&target_session_attrs=read-write',
        'postgres://u:a,b@[::1]/db?sslmode=require&target_session_attrs=read-write',
      ],
    ],
  ])('gives each host of %s a URL of its own', (url, urls) => {
    expect(hostUrls(url)).toEqual(urls);
  });

  it.each([
    'secret@one,two',
    'postgres://secret@one,/db',
    'postgres://secret@one:5432:1,two/db',
    'mysql://secret@one/db',
  ])('refuses %s without repeating it', (url) => {
    const refusal = new TypeError('The database URL is not a valid URL.');
    expect(() => hostUrls(url)).toThrow(refusal);
  });

  it('refuses to look for a server that takes no writes', () => {
    expect(() => hostUrls('postgres://one,two/db?target_session_attrs=standby')).toThrow(
      'must be read-write or primary',
    );
  });
});

describe('Hosts', () => {
  it('go round, and move on once for each one that has failed', () => {
    const hosts = new Hosts('postgres://one,two/db');
    const first = hosts.current;
    hosts.moveOn(first);
    hosts.moveOn(first);
    expect([first, hosts.current]).toEqual(['postgres://one/db', 'postgres://two/db']);
    hosts.moveOn(hosts.current);
    expect(hosts.current).toBe(first);
  });
});
