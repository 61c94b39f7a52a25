import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAccount } from '../support/accounts.js';
import { expectProblem, invalidFields } from '../support/problems.js';
import {
  createHook,
  createHookSource,
  createReferences,
  type Fields,
  type HookSource,
  hookSourceBody,
  readItems,
  SCRIPT,
  uniqueName,
  UNKNOWN_ID,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

const HOOK_SOURCES = '/core/v1/hookSources';
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const REQUIRED = { type: 'application/astra-hookSource', version: '1.0' };
const post = (fields: Fields = {}) => service.send('post', HOOK_SOURCES).send(hookSourceBody(fields));
const put = (id: string, fields: Fields) =>
  service.send('put', `${HOOK_SOURCES}/${id}`).send({ ...REQUIRED, ...fields });
const read = async (id: string) => (await service.send('get', `${HOOK_SOURCES}/${id}`)).body as HookSource;
const base64 = (script: string | Buffer): string => Buffer.from(script).toString('base64');
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** Turns a hook source into one that comes with the service: no client can. */
async function setColumn(id: string, column: 'private' | 'preloaded', value: 'true' | 'false'): Promise<void> {
  await service.database.query({ text: `UPDATE hook_sources SET ${column} = $2 WHERE id = $1` }, [id, value]);
}

describe('POST of a hook source', () => {
  it('answers 201 with every field, as GET answers it afterwards', async () => {
    const sent = hookSourceBody({
      description: 'Freezes and thaws',
      metadata: { labels: [{ name: 'team', value: 'payments' }] },
    });
    const answer = await service.send('post', HOOK_SOURCES).send(sent);
    expect(answer.status).toBe(201);
    const source = answer.body as HookSource;
    expect(source).toEqual({
      ...sent,
      id: expect.stringMatching(UUID_V4),
      private: 'false',
      preloaded: 'false',
      sourceMD5Checksum: md5(SCRIPT),
      metadata: {
        labels: [{ name: 'team', value: 'payments' }],
        creationTimestamp: expect.stringMatching(TIMESTAMP),
        modificationTimestamp: source.metadata.creationTimestamp,
        createdBy: service.account.userID,
      },
    });
    expect(await read(source.id)).toEqual(source);
  });

  it('fills in what is left out, or null', async () => {
    for (const fields of [{}, { description: null, metadata: null }]) {
      const source = (await post(fields)).body as HookSource;
      expect(source).not.toHaveProperty('description');
      expect(source.metadata.labels).toEqual([]);
    }
  });

  it('takes the longest source', async () => {
    const source = base64('#'.repeat(98_304));
    expect(source).toHaveLength(131_072);
    const made = await post({ source });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ source, sourceMD5Checksum: md5(source) });
  });

  it.each([
    ['nothing', ''],
    ['any letters', '#!/bin/sh\n# \u00e9 \u4e2d \u{1f512} \u0001\t\u007f\n'],
    ['a byte order mark', '\ufeffecho'],
  ])('takes a script of %s as it is', async (_, script) => {
    const { id } = (await post({ source: base64(script) })).body as HookSource;
    expect(Buffer.from((await read(id)).source ?? 'absent', 'base64').toString()).toBe(script);
  });

  it.each([
    ['is no base64', '#!/bin/sh', 'base64'],
    ['is base64 without its padding', 'YQ', 'base64'],
    ['is base64 with white space', 'YWJj\nYWJj', 'base64'],
    ['is base64 of URLs', 'Pz8_', 'base64'],
    ['is base64 after its end', 'YQ==YQ==', 'base64'],
    ['has a NUL byte', base64('a\0b'), 'NUL'],
    ['has a carriage return', base64('echo\r\n'), 'carriage return'],
    ['is no UTF-8', base64(Buffer.from([0xff, 0xfe])), 'UTF-8'],
    ['is UTF-8 that ends too early', base64(Buffer.from([0xe4, 0xb8])), 'UTF-8'],
    ['is an encoded surrogate', base64(Buffer.from([0xed, 0xa0, 0x80])), 'UTF-8'],
  ])('refuses a source that %s', async (_, source, reason) => {
    const { id } = await createHookSource(service);
    for (const answer of [await post({ source }), await put(id, { source })]) {
      expectProblem(answer, 9, ['source']);
      expect(invalidFields(answer)[0]?.reason).toContain(reason);
    }
  });

  const NOT_STRINGS = [1, true, [], {}];
  it.each([
    ['type', ['', 'application/astra-executionHook', ...NOT_STRINGS]],
    ['version', ['', '1.1', '2.0', 1, ...NOT_STRINGS]],
    ['name', ['', 'x'.repeat(64), '\u{1f512}'.repeat(64), '\0', '\ud800', ...NOT_STRINGS]],
    ['sourceType', ['', 'binary', 'Script', ...NOT_STRINGS]],
    ['source', ['A'.repeat(131_076), ...NOT_STRINGS]],
    ['description', ['x'.repeat(512), '\u{1f512}'.repeat(512), '\0', ...NOT_STRINGS]],
    ['metadata', ['x', 1, []]],
    ['nothing', ['x', null, {}]],
  ])('refuses a wrong %s', async (field, values) => {
    const { id } = await createHookSource(service);
    for (const value of values) {
      expectProblem(await post({ [field]: value }), 8, [field]);
      expectProblem(await put(id, { [field]: value }), 8, [field]);
    }
  });

  it('misses what is required', async () => {
    expectProblem(await service.send('post', HOOK_SOURCES).send({}), 8, [
      'type',
      'version',
      'name',
      'sourceType',
      'source',
    ]);
    const { id } = await createHookSource(service);
    expectProblem(await service.send('put', `${HOOK_SOURCES}/${id}`).send({}), 8, ['type', 'version']);
  });

  it.each(['id', 'private', 'preloaded', 'sourceMD5Checksum'])('does not let clients set %s', async (field) => {
    expectProblem(await post({ [field]: 'true' }), 8, [field]);
  });

  it('refuses a name that another one of the account has', async () => {
    const { name } = await createHookSource(service);
    expectProblem(await post({ name }), 10, ['name']);
    expect((await createHookSource(await openAccount(service), { name })).name).toBe(name);
  });
});

describe('GET of hook sources', () => {
  it("lists the account's, each as GET answers it", async () => {
    const other = await openAccount(service);
    const sources = [await createHookSource(other), await createHookSource(other)];
    expect(await readItems(other.send('get', HOOK_SOURCES))).toEqual(sources);
    const answer = await other.send('get', HOOK_SOURCES);
    expect(answer.body).toMatchObject({ type: 'application/astra-hookSources', version: '1.0' });
    for (const { id } of sources) expectProblem(await service.send('get', `${HOOK_SOURCES}/${id}`), 2);
  });

  it.each([UNKNOWN_ID, 'no-identifier', '%00'])('does not find %s', async (id) => {
    expectProblem(await service.send('get', `${HOOK_SOURCES}/${id}`), 2);
  });
});

describe('PUT of a hook source', () => {
  it('changes nothing but what it names', async () => {
    const source = await createHookSource(service, {
      description: 'x',
      metadata: { labels: [{ name: 'a', value: 'b' }] },
    });
    const answer = await put(source.id, { sourceType: 'script', source: base64('echo changed') });
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    const { metadata, ...fields } = await read(source.id);
    expect({ ...fields, metadata: source.metadata }).toEqual({
      ...source,
      source: base64('echo changed'),
      sourceMD5Checksum: md5(base64('echo changed')),
    });
    const { labels, creationTimestamp, createdBy } = source.metadata;
    expect(metadata).toMatchObject({ labels, creationTimestamp, createdBy, modifiedBy: service.account.userID });
    expect(metadata.modificationTimestamp > source.metadata.modificationTimestamp).toBe(true);
  });

  it('replaces everything that it names', async () => {
    const { id } = await createHookSource(service);
    const changes = {
      name: uniqueName('renamed'),
      source: '',
      description: '',
      metadata: { labels: [{ name: 'a', value: 'b' }] },
    };
    expect((await put(id, changes)).status).toBe(204);
    expect(await read(id)).toMatchObject(changes);
  });

  it('keeps what is null, as if it were left out', async () => {
    const source = await createHookSource(service, {
      description: 'x',
      metadata: { labels: [{ name: 'a', value: 'b' }] },
    });
    const nulls = Object.fromEntries(Object.keys(source).map((field) => [field, null]));
    expect((await put(source.id, { ...nulls, ...REQUIRED })).status).toBe(204);
    const { metadata, ...fields } = await read(source.id);
    expect({ ...fields, metadata: source.metadata }).toEqual(source);
    expect(metadata.labels).toEqual(source.metadata.labels);
  });

  it('takes back what GET has answered', async () => {
    const source = await createHookSource(service, { metadata: { labels: [{ name: 'a', value: 'b' }] } });
    await put(source.id, {});
    const before = await read(source.id);
    expect((await put(source.id, before)).status).toBe(204);
    const { metadata, ...fields } = await read(source.id);
    expect({ ...fields, metadata: before.metadata }).toEqual(before);
    expect(metadata.labels).toEqual(before.metadata.labels);
  });

  it('ignores what it cannot set, whatever that holds', async () => {
    const source = await createHookSource(service);
    expect((await put(source.id, { private: 'true', preloaded: 1, sourceMD5Checksum: ['x'] })).status).toBe(204);
    expect({ ...(await read(source.id)), metadata: source.metadata }).toEqual(source);
  });

  it("refuses another one's id, and a name that is taken", async () => {
    const [taken, source] = [await createHookSource(service), await createHookSource(service)];
    expectProblem(await put(source.id, { id: UNKNOWN_ID }), 10, ['id']);
    expectProblem(await put(source.id, { name: taken.name }), 10, ['name']);
    expect(await read(source.id)).toEqual(source);
    expect((await put(source.id, { id: source.id, name: source.name })).status).toBe(204);
  });

  it('does not find what is not there, or is of another account', async () => {
    const foreign = await createHookSource(await openAccount(service));
    for (const id of [UNKNOWN_ID, foreign.id, 'no-identifier']) expectProblem(await put(id, {}), 1);
  });
});

describe('DELETE of a hook source', () => {
  it('answers 204 without a body, and it is gone', async () => {
    const { id, name } = await createHookSource(service);
    const answer = await service.send('delete', `${HOOK_SOURCES}/${id}`);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    expectProblem(await service.send('get', `${HOOK_SOURCES}/${id}`), 2);
    expectProblem(await service.send('delete', `${HOOK_SOURCES}/${id}`), 1);
    expect((await post({ name })).status).toBe(201);
  });

  it('is refused as long as a hook refers to it', async () => {
    const references = await createReferences(service);
    const path = `${HOOK_SOURCES}/${references.hookSourceID}`;
    const hook = await createHook(service, references, { enabled: 'false' });
    expectProblem(await service.send('delete', path), 72);
    expect((await service.send('get', path)).status).toBe(200);
    await service.send('delete', `/core/v1/executionHooks/${hook.id}`);
    expect((await service.send('delete', path)).status).toBe(204);
  });

  it('does not find what is not there, or is of another account', async () => {
    const foreign = await createHookSource(await openAccount(service));
    for (const id of [UNKNOWN_ID, foreign.id, 'no-identifier']) {
      expectProblem(await service.send('delete', `${HOOK_SOURCES}/${id}`), 1);
    }
  });
});

describe('a preloaded hook source', () => {
  it('is read only', async () => {
    const { id } = await createHookSource(service);
    await setColumn(id, 'preloaded', 'true');
    const source = await read(id);
    expect(source.preloaded).toBe('true');
    expectProblem(await put(id, {}), 71);
    expectProblem(await put(id, { nothing: 'known' }), 71);
    expectProblem(await service.send('delete', `${HOOK_SOURCES}/${id}`), 71);
    expect(await read(id)).toEqual(source);
  });

  it('can be run by a hook', async () => {
    const references = await createReferences(service);
    await setColumn(references.hookSourceID, 'preloaded', 'true');
    await createHook(service, references);
  });
});

describe('a private hook source', () => {
  it('keeps its source to itself', async () => {
    const source = await createHookSource(service, { source: base64('secret') });
    await setColumn(source.id, 'private', 'true');
    const shown = await read(source.id);
    expect(shown).toEqual({ ...source, source: undefined, private: 'true' });
    expect(shown).not.toHaveProperty('source');
    const listed = (await readItems<HookSource>(service.send('get', HOOK_SOURCES))).find(({ id }) => id === source.id);
    expect(listed).toEqual(shown);
    const filter = encodeURIComponent(`source eq '${base64('secret')}'`);
    expect(await readItems(service.send('get', `${HOOK_SOURCES}?filter=${filter}`))).toEqual([]);
    const included = await readItems<unknown[]>(service.send('get', `${HOOK_SOURCES}?include=id,source`));
    expect(included).toContainEqual([source.id, null]);
  });

  it('keeps its source when it is put back without', async () => {
    const source = await createHookSource(service, { source: base64('secret') });
    await setColumn(source.id, 'private', 'true');
    expect((await put(source.id, await read(source.id))).status).toBe(204);
    await setColumn(source.id, 'private', 'false');
    expect((await read(source.id)).source).toBe(base64('secret'));
  });
});
