/** Two segments that follow each other on no route: a path that ends with them is unmatched. */
const NOWHERE = '%20/%20';

/**
 * The URL that the router gets for a request's own. Two kinds of paths never reach any route, not even the one for
 * unmatched paths: those that cannot be decoded, and those that end with a slash where an identifier belongs. Below
 * `/accounts` they are to be answered as any other path that leads nowhere: after the token and the account have been
 * checked, with the 404 of the method (docs/api.md, section 6). Their `%` is escaped, or their end is.
 *
 * @param url as sent, with its query, which stays as it is
 * @param accountsPath where the API begins, `/accounts` behind the base path
 */
export function routableUrl(url: string, accountsPath: string): string {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const routable = path.includes('%') && !isDecodable(path) ? path.replaceAll('%', '%25') : path;
  const ended = routable.endsWith('/') && routable.startsWith(`${accountsPath}/`) ? routable + NOWHERE : routable;
  return ended === path ? url : ended + url.slice(path.length);
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
