import type { CollectionDefinition } from './collection-definition.js';
import type { Field } from './field.js';
import { concatenation, type JsonPart } from './json-part.js';

type Fields = Readonly<Record<string, Field>>;

/**
 * The SQL expression, of type text, that makes the stored resource's JSON of a row: what a list has as its item and
 * what a single GET answers (the computed fields aside). An optional field that the resource lacks is left out.
 */
export function resourceJson(definition: Pick<CollectionDefinition, 'fields'>): string {
  return concatenation(objectJson(definition.fields, ''));
}

/**
 * One field's JSON, null where the resource lacks it; undefined where there is no such stored value. A path that others
 * start with (`metadata`) is the object of these.
 */
export function fieldJson(fields: Fields, path: string): readonly JsonPart[] | undefined {
  const field = fields[path];
  if (field === undefined) return hasChildren(fields, path) ? objectJson(fields, `${path}.`) : undefined;
  return 'json' in field ? field.json : undefined;
}

/** Paths of all values that are stored or computed and of the objects around them, array members left out. */
export function valuePaths(fields: Fields): string[] {
  const paths = new Set<string>();
  for (const [path, field] of Object.entries(fields)) {
    if (field.kind === 'member') continue;
    for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) paths.add(path.slice(0, dot));
    paths.add(path);
  }
  return [...paths];
}

function objectJson(fields: Fields, prefix: string): JsonPart[] {
  const keys = new Set<string>();
  const parts: JsonPart[] = [];
  for (const [path, field] of Object.entries(fields)) {
    if (!path.startsWith(prefix) || !('json' in field)) continue;
    const [key = ''] = path.slice(prefix.length).split('.', 1);
    if (keys.has(key)) continue;
    const name = { literal: `${keys.size === 0 ? '{' : ','}"${key}":` };
    keys.add(key);
    const json = fieldJson(fields, `${prefix}${key}`) ?? [];
    const isOptional = field.nullable && path === `${prefix}${key}`;
    if (isOptional) parts.push({ sql: `coalesce(${concatenation([name, ...json])}, '')` });
    else parts.push(name, ...json);
  }
  return [...parts, { literal: '}' }];
}

function hasChildren(fields: Fields, path: string): boolean {
  return Object.keys(fields).some((other) => other.startsWith(`${path}.`));
}
