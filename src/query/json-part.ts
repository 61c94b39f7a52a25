/** A piece of a JSON text that Postgres puts together: fixed, or what an SQL expression of type text yields. */
export type JsonPart = { readonly literal: string } | { readonly sql: string };

/**
 * The SQL expression, of type text, of all pieces one after another; null where one of them is. Pieces are joined by
 * `||`: it takes two thirds of the time of `concat()`, and half that of `json_build_object()`.
 */
export function concatenation(parts: readonly JsonPart[]): string {
  const operands: string[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') operands.push(quoted(literal));
    literal = '';
  };
  for (const part of parts) {
    if ('literal' in part) {
      literal += part.literal;
    } else {
      flush();
      operands.push(`(${part.sql})`);
    }
  }
  flush();
  return operands.length === 0 ? `''` : operands.join(' || ');
}

/** A text as an SQL literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
