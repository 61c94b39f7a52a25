import type { Test } from 'supertest';
import type { TestService } from './service.js';
import type {
  App as AppResource,
  ExecutionHook as ExecutionHookResource,
  HookSource as HookSourceResource,
} from './shown.js';

/** Resources as responses hold them: plain objects, not instances of the classes that describe them. */
export type App = Readonly<AppResource>;
export type HookSource = Readonly<HookSourceResource>;
export type ExecutionHook = Readonly<ExecutionHookResource>;

/** Members of a request body; one that is `undefined` is left out of the JSON. */
export type Fields = Readonly<Record<string, unknown>>;

/** The two route families of hooks, which differ in nothing but the app in the path (docs/api.md, section 1). */
export const HOOK_ROUTES = [
  { family: 'core', hooksPath: () => '/core/v1/executionHooks' },
  { family: 'k8s', hooksPath: (appId: string) => `/k8s/v1/apps/${appId}/executionHooks` },
] as const;

/** A script in base64, as `source` holds it. */
export const SCRIPT = Buffer.from('#!/bin/sh\necho "$1"\n').toString('base64');

/** An identifier that no resource has. */
export const UNKNOWN_ID = 'deadbeef-0000-4000-8000-000000000000';

let names = 0;

/** A name that no other resource of this test file has. */
export function uniqueName(prefix: string): string {
  names += 1;
  return `${prefix}-${names}`;
}

/** The body of a POST of an app that is accepted as it stands. */
export function appBody(fields: Fields = {}): Fields {
  return { type: 'application/astra-app', version: '2.2', name: uniqueName('app'), ...fields };
}

/** The body of a POST of a hook source that is accepted as it stands. */
export function hookSourceBody(fields: Fields = {}): Fields {
  return {
    type: 'application/astra-hookSource',
    version: '1.0',
    name: uniqueName('script'),
    sourceType: 'script',
    source: SCRIPT,
    ...fields,
  };
}

/** What a hook refers to. */
export interface HookReferences {
  readonly appID: string;
  readonly hookSourceID: string;
}

/** The body of a POST of a hook that is accepted as it stands. */
export function hookBody({ appID, hookSourceID }: HookReferences, fields: Fields = {}): Fields {
  return {
    type: 'application/astra-executionHook',
    version: '1.2',
    name: uniqueName('hook'),
    hookType: 'custom',
    action: 'snapshot',
    stage: 'pre',
    hookSourceID,
    appID,
    ...fields,
  };
}

/** Makes an app over HTTP. */
export async function createApp(service: TestService, fields: Fields = {}): Promise<App> {
  return (await created(service.send('post', '/k8s/v2/apps').send(appBody(fields)))) as App;
}

/** Makes a hook source over HTTP. */
export async function createHookSource(service: TestService, fields: Fields = {}): Promise<HookSource> {
  return (await created(service.send('post', '/core/v1/hookSources').send(hookSourceBody(fields)))) as HookSource;
}

/** Makes a hook over HTTP. */
export async function createHook(
  service: TestService,
  references: HookReferences,
  fields: Fields = {},
): Promise<ExecutionHook> {
  const request = service.send('post', '/core/v1/executionHooks').send(hookBody(references, fields));
  return (await created(request)) as ExecutionHook;
}

/** Makes an app and a hook source, for hooks to refer to. */
export async function createReferences(service: TestService, app: Fields = {}): Promise<HookReferences> {
  return { appID: (await createApp(service, app)).id, hookSourceID: (await createHookSource(service)).id };
}

/** A hook as GET answers it. */
export async function readHook(service: TestService, id: string): Promise<ExecutionHook> {
  const answer = await service.send('get', `/core/v1/executionHooks/${id}`);
  if (answer.status !== 200) throw new Error(`GET of the hook: ${answer.status} ${answer.text}`);
  return answer.body as ExecutionHook;
}

/** The items of a list. */
export async function readItems<Item>(list: Test): Promise<Item[]> {
  const answer = await list;
  if (answer.status !== 200) throw new Error(`GET of the list: ${answer.status} ${answer.text}`);
  return (answer.body as { items: Item[] }).items;
}

async function created(request: Test): Promise<unknown> {
  const answer = await request;
  if (answer.status !== 201) throw new Error(`POST: ${answer.status} ${answer.text}`);
  return answer.body as unknown;
}
