import { describe, expect, it } from '@jest/globals';
import type { RequestBodyObject, SchemaObject } from '@nestjs/swagger';
import fc from 'fast-check';
import { resourceBody, type ResourceClass } from '../../src/rest/resource-body.js';
import { SchemaViolation } from '../../src/problems/catalogue.js';
import { ACCOUNT } from '../../src/features/accounts/account.resource.js';
import { APP } from '../../src/features/apps/app.resource.js';
import { HOOK_OVERRIDE } from '../../src/features/hook-overrides/hook-override.resource.js';
import { HOOK_SOURCE } from '../../src/features/hook-sources/hook-source.resource.js';
import { EXECUTION_HOOK } from '../../src/features/hooks/execution-hook.resource.js';
import { ROLE_BINDING } from '../../src/features/role-bindings/role-binding.resource.js';
import { TOKEN } from '../../src/features/tokens/token.resource.js';
import { USER } from '../../src/features/users/user.resource.js';
import { committedConformance } from '../support/conformance.js';

/**
 * The schemas of request bodies say the same as the service's own checks: a validator that goes by `openapi.json` (a
 * gateway, a client) and the service agree on every body, however wrong.
 */

const CLASSES: readonly ResourceClass<object>[] = [
  ACCOUNT.Create,
  APP.Create,
  EXECUTION_HOOK.Create,
  HOOK_OVERRIDE.Create,
  HOOK_SOURCE.Create,
  ROLE_BINDING.Create,
  TOKEN.Create,
  USER.Create,
  ACCOUNT.Update,
  APP.Update,
  EXECUTION_HOOK.Update,
  HOOK_OVERRIDE.Update,
  HOOK_SOURCE.Update,
  ROLE_BINDING.Update,
  USER.Update,
];

/** Kubernetes' own, which is read piece by piece and in which most fields are not looked at. */
const OTHERS = ['PodList'];

const conformance = committedConformance();

const ID = '50e89023-ba84-435d-bb47-1833f4c250ff';

/** Values that are right for some field and wrong for the others, most of them just inside or outside of a bound. */
const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    5,
    -1,
    1.5,
    '',
    ' ',
    'a',
    'A',
    '-a',
    'a-b',
    'a.b',
    'true',
    'null',
    '1.0',
    '2030-01-01',
    '😀'.repeat(63),
  ],
  ...[63, 64, 127, 128, 254, 255, 511, 512, 131_072, 131_073].map((length) => 'x'.repeat(length)),
  ...[ID, ID.toUpperCase(), `${ID} `, ID.replace('-4', '-1'), ID.replace('-4', '-5'), ID.replaceAll('-', '')],
  '00000000-0000-0000-0000-000000000000',
  '2030-01-01T00:00:00.123456Z',
  'ada@payroll.example',
  {},
  { a: 1 },
  { labels: null },
  { labels: [] },
  { labels: [{ name: '', value: '' }] },
  { labels: [{ name: 'a' }] },
  { labels: [{ name: 'a', value: 1 }] },
  { labels: [{ name: 'a', value: 'b', more: 1 }] },
  { labels: [null] },
  { labels: [[]] },
  { labels: {}, createdBy: 5 },
  { creationTimestamp: {}, modificationTimestamp: [], createdBy: null, modifiedBy: 1 },
  [],
  [null],
  [[]],
  [{}],
  ['a'],
  [''],
  [5],
  ['x'.repeat(127)],
  ['x'.repeat(128)],
  Array.from({ length: 16 }, () => 'a'),
  Array.from({ length: 17 }, () => 'a'),
  Array.from({ length: 257 }, () => '*'),
  [{ type: 'podName', value: 'a' }],
  [{ type: 'podName', value: '' }],
  [{ type: 'pod', value: 'a' }],
  [{ type: 'podLabel', value: null }],
  [{ type: 'podLabel', value: 'a', more: 'b' }],
  Array.from({ length: 10 }, () => ({ type: 'namespaceName', value: 'a' })),
  Array.from({ length: 11 }, () => ({ type: 'namespaceName', value: 'a' })),
  [{ namespace: 'a' }],
  [{ namespace: 'a', labelSelectors: null }],
  [{ namespace: 'a', labelSelectors: [''] }],
  [{ namespace: 'a', labelSelectors: ['b', 5] }],
  [{ namespace: 'A' }],
  [{ namespace: 'x'.repeat(64) }],
  [{ namespace: null }],
];

function schemaOf(of: ResourceClass<object>): object {
  return { $ref: `#/components/schemas/${of.name}` };
}

/** The values that the document itself names for a field: its examples and alternatives. */
function documentedValues(property: SchemaObject): unknown[] {
  const alternatives = (property.anyOf ?? []).flatMap((one) => {
    const { enum: values = [] } = conformance.resolve<SchemaObject>(one);
    return values as unknown[];
  });
  const own: unknown[] = [property.example, ...((property.enum ?? []) as unknown[])];
  return [...own.filter((value) => value !== undefined), ...alternatives];
}

/** Bodies in which each field is absent, as documented, or anything. */
function bodies(of: ResourceClass<object>): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {}, required = [] } = conformance.resolve<SchemaObject>(schemaOf(of));
  const fields = Object.entries(properties).map(([name, reference]) => {
    const values = documentedValues(conformance.resolve<SchemaObject>(reference));
    const right = values.length > 0 ? fc.constantFrom(...values) : fc.constant(undefined);
    const absent = fc.constant(undefined);
    // Mostly right, or no body would ever be accepted.
    const value = fc.oneof(
      { weight: 30, arbitrary: required.includes(name) ? right : fc.oneof(right, absent) },
      { weight: 1, arbitrary: absent },
      { weight: 3, arbitrary: fc.constantFrom(...VALUES) },
    );
    return value.map((chosen): [string, unknown] => [name, chosen]);
  });
  const unknown = fc.oneof(
    { weight: 30, arbitrary: fc.constant<[string, unknown]>(['unknown', undefined]) },
    { weight: 1, arbitrary: fc.constant<[string, unknown]>(['unknown', null]) },
  );
  // What is undefined goes, as it does in JSON.
  return fc
    .tuple(unknown, ...fields)
    .map((entries) => JSON.parse(JSON.stringify(Object.fromEntries(entries))) as Record<string, unknown>);
}

function isAccepted(of: ResourceClass<object>, body: object): boolean {
  try {
    resourceBody(of, body);
    return true;
  } catch (error) {
    if (error instanceof SchemaViolation) return false;
    throw error;
  }
}

/** The one rule of shape that JSON Schema has no words for without breaking client generators; its description has them. */
function isInexpressible({ action, version }: Record<string, unknown>): boolean {
  return action === 'failover' && version !== '1.3';
}

describe('the schema of a request body', () => {
  it('is checked for every resource', () => {
    const documented = conformance.operations.flatMap(({ operation: { requestBody } }) =>
      requestBody === undefined
        ? []
        : Object.values(conformance.resolve<RequestBodyObject>(requestBody).content).map(({ schema }) =>
            schema !== undefined && '$ref' in schema ? schema.$ref.replace('#/components/schemas/', '') : '',
          ),
    );
    expect([...new Set(documented)].sort()).toEqual([...CLASSES.map(({ name }) => name), ...OTHERS].sort());
  });

  it.each(CLASSES.map((of) => [of.name, of] as const))(
    '%s accepts what the service accepts, and nothing else',
    (_, of) => {
      const seen = { accepted: 0, refused: 0 };
      fc.assert(
        fc.property(bodies(of), (body) => {
          fc.pre(!isInexpressible(body));
          const accepted = isAccepted(of, body);
          seen[accepted ? 'accepted' : 'refused'] += 1;
          expect(conformance.schemaViolations(schemaOf(of), body).length === 0).toBe(accepted);
        }),
        { numRuns: 500 },
      );
      expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(20);
    },
  );

  it.each(CLASSES.map((of) => [of.name, of] as const))('%s agrees on each value of each field', (_, of) => {
    const { properties = {}, required = [] } = conformance.resolve<SchemaObject>(schemaOf(of));
    const right = Object.fromEntries(
      required.map((name) => [name, documentedValues(conformance.resolve<SchemaObject>(properties[name] ?? {}))[0]]),
    );
    expect(isAccepted(of, right)).toBe(true);
    for (const name of Object.keys(properties)) {
      for (const value of VALUES) {
        const body = { ...right, [name]: value };
        if (isInexpressible(body)) continue;
        const violations = conformance.schemaViolations(schemaOf(of), body);
        expect([name, value, violations.length === 0, violations]).toEqual([
          name,
          value,
          isAccepted(of, body),
          violations,
        ]);
      }
    }
  });
});
