import { InvalidParameter, position, shown } from './invalid-parameter.js';

/** The operators of the filter language (docs/api.md, section 5). */
export const FILTER_OPERATORS = ['eq', 'lt', 'gt', 'lte', 'gte', 'in'] as const;

export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** Longest filter, in characters, decoded. */
export const MAX_FILTER_LENGTH = 4096;

/** Most conditions of one filter. */
export const MAX_FILTER_CONDITIONS = 32;

/** `field operator 'value'` as it was written; positions are characters from 1. */
export interface WrittenCondition {
  readonly field: string;
  readonly fieldPosition: number;
  readonly operator: FilterOperator;
  readonly value: string;
  readonly valuePosition: number;
}

interface Token {
  readonly kind: 'word' | 'value' | 'comma' | 'end';
  /** The text of a word, a value without its quotes. */
  readonly text: string;
  readonly index: number;
}

/**
 * Reads `field eq 'value',other in 'a,b'`: conditions with a comma between them, all of which must hold. Blanks
 * separate words and mean nothing elsewhere; a quote inside a value is doubled. Whether the fields exist is not
 * checked here.
 *
 * @throws InvalidParameter with the position of the first thing that is not as expected, and what was expected
 */
export function parseFilter(text: string): WrittenCondition[] {
  // A character is one or two UTF-16 units: what is twice too long need not be counted.
  if (text.length > 2 * MAX_FILTER_LENGTH || position(text, text.length) - 1 > MAX_FILTER_LENGTH) {
    throw new InvalidParameter([`expected at most ${MAX_FILTER_LENGTH} characters`]);
  }
  const tokens = tokenize(text);
  const conditions: WrittenCondition[] = [];
  for (;;) {
    const field = expect(text, tokens.next().value, 'word', 'a field');
    if (conditions.length === MAX_FILTER_CONDITIONS) {
      throw new InvalidParameter([
        `position ${position(text, field.index)}: expected at most ${MAX_FILTER_CONDITIONS} conditions`,
      ]);
    }
    const operator = expectOperator(text, tokens.next().value);
    const value = expect(
      text,
      tokens.next().value,
      'value',
      "a value in single quotes (a quote inside it is doubled, '')",
    );
    conditions.push({
      field: field.text,
      fieldPosition: position(text, field.index),
      operator,
      value: value.text,
      valuePosition: position(text, value.index),
    });
    const separator = tokens.next().value;
    if (separator.kind === 'end') return conditions;
    expect(text, separator, 'comma', 'a comma or the end of the filter');
  }
}

function expect(text: string, token: Token, kind: Token['kind'], expected: string): Token {
  if (token.kind !== kind) throw unexpected(text, token, expected);
  return token;
}

function expectOperator(text: string, token: Token): FilterOperator {
  const operator = token.kind === 'word' ? FILTER_OPERATORS.find((known) => known === token.text) : undefined;
  if (operator === undefined) throw unexpected(text, token, `an operator (one of ${FILTER_OPERATORS.join(', ')})`);
  return operator;
}

function unexpected(text: string, token: Token, expected: string): InvalidParameter {
  return new InvalidParameter([`position ${position(text, token.index)}: expected ${expected}, found ${found(token)}`]);
}

function found(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end';
    case 'comma':
      return 'a comma';
    case 'word':
      return shown(token.text);
    case 'value':
      return `the value ${shown(token.text)}`;
  }
}

/** Ends with an `end` token, again and again. */
function* tokenize(text: string): Generator<Token, never> {
  let index = 0;
  while (index < text.length) {
    const character = text.charAt(index);
    if (character === ' ' || character === '\t') {
      index += 1;
    } else if (character === ',') {
      yield { kind: 'comma', text: ',', index };
      index += 1;
    } else if (character === "'") {
      const end = closingQuote(text, index);
      yield { kind: 'value', text: text.slice(index + 1, end).replaceAll("''", "'"), index };
      index = end + 1;
    } else {
      const [word] = (/^[^ \t,']+/.exec(text.slice(index)) as [string] | null) ?? [''];
      yield { kind: 'word', text: word, index };
      index += word.length;
    }
  }
  for (;;) yield { kind: 'end', text: '', index };
}

function closingQuote(text: string, opening: number): number {
  let index = opening + 1;
  for (;;) {
    const quote = text.indexOf("'", index);
    if (quote === -1) {
      throw new InvalidParameter([
        `position ${position(text, text.length)}: expected the closing quote of the value that starts at position ${position(text, opening)}`,
      ]);
    }
    if (text[quote + 1] !== "'") return quote;
    index = quote + 2;
  }
}
