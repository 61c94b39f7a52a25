import type { CollectionDefinition } from './collection-definition.js';
import type { MemberField, ScalarField } from './field.js';
import type { FilterOperator, WrittenCondition } from './filter-parser.js';
import { refuseIfAny, shown } from './invalid-parameter.js';
import { SCALARS } from './scalar-type.js';

/** Most values of one `in`. */
export const MAX_IN_VALUES = 256;

/** A condition whose field exists and whose values are of the field's type. */
export interface Condition {
  readonly path: string;
  readonly field: ScalarField | MemberField;
  readonly operator: FilterOperator;
  /** One value; any number of them for `in`. */
  readonly values: readonly string[];
}

/** Paths of the fields that a collection can be filtered by. */
export function filterablePaths({ fields }: Pick<CollectionDefinition, 'fields'>): string[] {
  return Object.keys(fields).filter((path) => filterable(fields, path) !== undefined);
}

/**
 * Looks each condition's field up in the collection's and checks its value.
 *
 * @throws InvalidParameter with every condition that is not right, by position
 */
export function planFilter(
  definition: Pick<CollectionDefinition, 'fields'>,
  conditions: readonly WrittenCondition[],
): Condition[] {
  const reasons: string[] = [];
  const plan: Condition[] = [];
  let unknown = false;
  for (const { field: path, fieldPosition, operator, value, valuePosition } of conditions) {
    const field = filterable(definition.fields, path);
    if (field === undefined) {
      unknown = true;
      reasons.push(`position ${fieldPosition}: ${shown(path)} is not a field that can be filtered by`);
      continue;
    }
    const { expected, accepts } = SCALARS[field.type];
    const values = operator === 'in' ? value.split(',') : [value];
    const wrong = values.find((one) => !accepts(one));
    if (values.length > MAX_IN_VALUES) {
      reasons.push(`position ${valuePosition}: expected at most ${MAX_IN_VALUES} values`);
    } else if (wrong !== undefined) {
      reasons.push(`position ${valuePosition}: expected ${expected} for ${path}, found ${shown(wrong)}`);
    }
    plan.push({ path, field, operator, values });
  }
  if (unknown) reasons.push(`the fields to filter by are ${filterablePaths(definition).join(', ')}`);
  refuseIfAny(reasons);
  return plan;
}

function filterable(fields: CollectionDefinition['fields'], path: string): ScalarField | MemberField | undefined {
  const field = Object.hasOwn(fields, path) ? fields[path] : undefined;
  return field?.kind === 'scalar' || field?.kind === 'member' ? field : undefined;
}
