const FRAGMENT = Symbol('fragment');

/**
 * A piece of SQL with its values beside it. The only texts that get into it are template literals and `raw`, which
 * take what a programmer wrote; whatever a client sent can only be one of the values, and is always bound.
 */
export interface Fragment {
  readonly [FRAGMENT]: true;
  readonly texts: readonly string[];
  readonly values: readonly unknown[];
}

/** SQL as `pg` takes it: `$1`, `$2`, … in the text stand for the values, in order. */
export interface BoundStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A template of SQL: another fragment in it becomes part of the text, anything else a bound value. */
export function sql(template: TemplateStringsArray, ...parts: readonly unknown[]): Fragment {
  const texts: string[] = [template[0] ?? ''];
  const values: unknown[] = [];
  const append = (text: string): void => {
    texts.push(`${texts.pop() ?? ''}${text}`);
  };
  parts.forEach((part, index) => {
    if (isFragment(part)) {
      part.texts.forEach((text, at) => {
        if (at > 0) {
          values.push(part.values[at - 1]);
          texts.push('');
        }
        append(text);
      });
    } else {
      values.push(part);
      texts.push('');
    }
    append(template[index + 1] ?? '');
  });
  return { [FRAGMENT]: true, texts, values };
}

/** SQL of the program itself: a column, an expression of a collection's definition. Never anything of a request. */
export function raw(text: string): Fragment {
  return { [FRAGMENT]: true, texts: [text], values: [] };
}

/** Fragments with SQL between them. */
export function join(fragments: readonly Fragment[], separator: string): Fragment {
  return fragments.reduce(
    (joined, fragment, index) => (index === 0 ? fragment : sql`${joined}${raw(separator)}${fragment}`),
    raw(''),
  );
}

/** Numbers the values of a fragment. */
export function bind(fragment: Fragment): BoundStatement {
  const text = fragment.texts.reduce((all, part, index) => (index === 0 ? part : `${all}$${index}${part}`), '');
  return { text, values: fragment.values };
}

function isFragment(part: unknown): part is Fragment {
  return typeof part === 'object' && part !== null && FRAGMENT in part;
}
