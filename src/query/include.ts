import type { CollectionDefinition } from './collection-definition.js';
import { position, refuseIfAny, shown } from './invalid-parameter.js';
import { valuePaths } from './resource-json.js';

/** Paths that `include` can name: every value of an item, and the objects around values (`metadata`). */
export function includablePaths({ fields }: Pick<CollectionDefinition, 'fields'>): string[] {
  return valuePaths(fields);
}

/**
 * Reads `id,name`: which values each item of the list is an array of, in that order (docs/api.md, section 5).
 *
 * @throws InvalidParameter with every field that is unknown or there twice, by position
 */
export function parseInclude(definition: Pick<CollectionDefinition, 'fields'>, text: string): string[] {
  const known = new Set(includablePaths(definition));
  const included = new Set<string>();
  const reasons: string[] = [];
  let unknown = false;
  let index = 0;
  for (const part of text.split(',')) {
    const path = part.trim();
    const at = `position ${position(text, index + part.length - part.trimStart().length)}`;
    if (included.has(path)) {
      reasons.push(`${at}: ${shown(path)} is there twice`);
    } else if (known.has(path)) {
      included.add(path);
    } else {
      unknown = true;
      reasons.push(
        path === '' ? `${at}: expected a field` : `${at}: ${shown(path)} is not a field that can be included`,
      );
    }
    index += part.length + 1;
    // A text without end need not be reported to its end.
    if (reasons.length === MAX_REASONS) break;
  }
  if (unknown) reasons.push(`the fields to include are ${[...known].join(', ')}`);
  refuseIfAny(reasons);
  return [...included];
}

const MAX_REASONS = 10;
