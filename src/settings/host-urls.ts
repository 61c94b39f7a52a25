/** What of a URL comes before the hosts, the hosts, and what comes after them. */
const PARTS = /^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)([^/?#]*)(.*)$/s;

/** What `target_session_attrs` may ask for: the service writes, so that no standby would do. */
const WRITABLE = [null, 'any', 'primary', 'read-write'];

/**
 * The URLs of the hosts of a database, one each, in their order: `postgres://user@one:5432,two:5433/name` names two, as
 * libpq has it. A URL with one host is its own.
 *
 * @throws TypeError when it is no such URL; the message never repeats it, since it holds a password
 */
export function hostUrls(url: string): readonly string[] {
  const [, before = '', hosts = '', after = ''] = PARTS.exec(url) ?? [];
  const urls = hosts.split(',').map((host) => `${before}${host}${after}`);
  if (before === '' || urls.some((each) => !URL.canParse(each)) || (urls.length > 1 && /^,|,,|,$/.test(hosts))) {
    throw new TypeError('The database URL is not a valid URL.');
  }
  const attributes = new URL(urls[0] ?? '').searchParams.get('target_session_attrs');
  if (!WRITABLE.includes(attributes)) {
    throw new TypeError('The target_session_attrs of the database URL must be read-write or primary.');
  }
  return urls;
}
