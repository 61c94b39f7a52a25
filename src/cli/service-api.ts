import createClient, { type Client } from 'openapi-fetch';
import * as v from 'valibot';
import type { components, paths } from '../../openapi.js';
import { errorCode, errorMessage } from '../database/error-code.js';
import { publicUrl } from '../settings/accepted-values.js';
import { requiredSetting, Variables } from '../settings/variables.js';
import { CommandFailure } from './command.js';

type App = components['schemas']['App'];
type Problem = components['schemas']['Problem'];

/** How long the service may take to begin an answer, in milliseconds, where a command does not say. */
const ANSWER_TIMEOUT_MS = 30_000;

const bearerToken = v.pipe(v.string(), v.regex(/^[\w.~+/-]+=*$/), v.description('a token of the service or a JWT'));

/** The variables of the commands that talk to the service over HTTP, in the order in which docs/settings.md lists them. */
export const CLIENT_SETTINGS = {
  EXECUTION_HOOKS_URL: requiredSetting(publicUrl, {
    meaning: 'The URL in front of `/accounts` where the service is found.',
  }),
  EXECUTION_HOOKS_TOKEN: requiredSetting(bearerToken, {
    meaning: 'The token that the commands use; its role decides what they may do.',
    secret: true,
  }),
};

/** The service as a command sees it: its whole API, typed, with a token and in one account. */
export interface ServiceApi {
  /** Its calls are to be awaited through `answer`. */
  readonly client: Client<paths>;
  /** The account that the token opens. */
  readonly accountID: string;
  /** @throws CommandFailure when there is no app of that name, or the token does not show it */
  app(name: string): Promise<App>;
}

/** How a command wants the service. */
export interface ServiceOptions {
  /** The account, for a token that opens several, as JWTs can. */
  readonly accountID?: string | undefined;
  /** How long the service may take to begin an answer, in milliseconds; how long the answer itself takes is open. */
  readonly answerTimeoutMs?: number;
}

/**
 * The service that EXECUTION_HOOKS_URL and EXECUTION_HOOKS_TOKEN name, in the token's account.
 *
 * @throws SettingsError; CommandFailure when the service cannot be reached, refuses the token or lets it into no account
 */
export async function connectToService(
  env: NodeJS.ProcessEnv,
  { accountID, answerTimeoutMs = ANSWER_TIMEOUT_MS }: ServiceOptions = {},
): Promise<ServiceApi> {
  const variables = new Variables(env);
  const { EXECUTION_HOOKS_URL: baseUrl, EXECUTION_HOOKS_TOKEN: token } = variables.checked(
    variables.values(CLIENT_SETTINGS),
  );
  const client = createClient<paths>({
    baseUrl,
    headers: { authorization: `Bearer ${token}` },
    fetch: (request) => send(request, baseUrl, answerTimeoutMs),
  });
  const account_id = accountID ?? (await onlyAccount(client));
  return {
    client,
    accountID: account_id,
    app: async (name) => {
      const filter = `name eq '${name.replaceAll("'", "''")}'`;
      const params = { path: { account_id }, query: { filter } };
      const { items } = await answer(client.GET('/accounts/{account_id}/k8s/v2/apps', { params }));
      const [app] = items as readonly App[];
      if (app === undefined)
        throw new CommandFailure(`There is no app "${name}"; list-apps lists those that there are.`);
      return app;
    },
  };
}

/**
 * What the service answered: the body of a success, undefined where it has none.
 *
 * @throws CommandFailure with all that a problem says: title, detail and each invalid field or parameter
 */
export async function answer<Body>(
  call: Promise<{ readonly data?: Body; readonly error?: unknown; readonly response: Response }>,
): Promise<Body> {
  const { data, error, response } = await call;
  if (!response.ok) throw new CommandFailure(problemText(error, response));
  return data as Body;
}

async function onlyAccount(client: Client<paths>): Promise<string> {
  const { items } = await answer(client.GET('/accounts'));
  const [account, ...others] = items as readonly { id: string; name: string }[];
  if (account === undefined) throw new CommandFailure('The token opens no account.');
  if (others.length === 0) return account.id;
  const accounts = [account, ...others].map(({ id, name }) => `  ${id}  ${name}`);
  throw new CommandFailure(['The token opens several accounts; --account says which:', ...accounts].join('\n'));
}

async function send(request: Request, baseUrl: string, answerTimeoutMs: number): Promise<Response> {
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort();
  }, answerTimeoutMs);
  try {
    const response = await fetch(request, { signal: AbortSignal.any([request.signal, deadline.signal]) });
    if (response.ok && response.status !== 204 && !/[/+]json\b/.test(response.headers.get('content-type') ?? '')) {
      throw new CommandFailure(`What is at ${baseUrl} is not this service: its answer is no JSON.`);
    }
    return response;
  } catch (error) {
    if (error instanceof CommandFailure || request.signal.aborted) throw error;
    const reason = deadline.signal.aborted ? `no answer within ${answerTimeoutMs / 1000} s` : reasonOf(error);
    throw new CommandFailure(`The service at ${baseUrl} cannot be reached: ${reason}.`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** What is in the cause of "fetch failed"; of a certificate also how to have its authority trusted. */
function reasonOf(error: unknown): string {
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : error;
  // Of several addresses that were all tried in vain there is a code only.
  const said = errorMessage(cause) === '' ? (errorCode(cause) ?? 'no reason is known') : errorMessage(cause);
  const isCertificate = /CERT|SIGNATURE|ISSUER/.test(errorCode(cause) ?? '');
  return isCertificate ? `${said} (NODE_EXTRA_CA_CERTS names a PEM file of authorities to trust)` : said;
}

function problemText(error: unknown, { status, statusText, headers }: Response): string {
  if (!/[/+]json\b/.test(headers.get('content-type') ?? '') || typeof error !== 'object' || error === null) {
    return `The answer is ${status} ${statusText}, without a problem of this service: something in front of it answered.`;
  }
  const { title, detail, correlationID, invalidFields = [], invalidParams = [] } = error as Problem;
  return [
    `${title}: ${detail}`,
    ...[...invalidFields, ...invalidParams].map(({ name, reason }) => `  ${name}: ${reason}`),
    `(status ${status}, correlation id ${correlationID})`,
  ].join('\n');
}
