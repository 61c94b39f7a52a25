import createClient, { type Client, type Middleware } from 'openapi-fetch';
import type { paths } from '../../openapi.js';
import { committedConformance } from './conformance.js';
import type { TestService } from './service.js';

/** The typed client of the API, as anyone can generate it from `openapi.json`. */
export type ApiClient = Client<paths>;

/** A client with the token of the service's owner; every answer it gets must be as documented. */
export function clientOf({ url, account }: TestService): ApiClient {
  const client = createClient<paths>({ baseUrl: url, headers: { authorization: `Bearer ${account.token}` } });
  client.use(CONFORMING);
  return client;
}

const CONFORMING: Middleware = {
  async onResponse({ request, response }) {
    const { pathname, search } = new URL(request.url);
    const violations = committedConformance().violations({
      method: request.method,
      path: pathname + search,
      status: response.status,
      headers: Object.fromEntries(response.headers),
      text: await response.clone().text(),
    });
    if (violations.length > 0) throw new Error(`${request.method} ${pathname}: ${violations.join('; ')}`);
  },
};
