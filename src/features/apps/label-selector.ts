/** What a requirement asks of the value that a label has, if it has one. */
type Operator = 'in' | 'notin' | 'exists' | 'absent' | 'above' | 'below';

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: ReadonlySet<string>;
}

/** Why a text is no label selector, and where: the offset of the offending part, in UTF-16 code units from 0. */
export class LabelSelectorError extends Error {
  constructor(
    readonly reason: string,
    readonly position: number,
  ) {
    super(`${reason} (at ${position})`);
    this.name = 'LabelSelectorError';
  }
}

/** A parsed Kubernetes label selector; made by {@link parseLabelSelector} only. */
export class LabelSelector {
  constructor(private readonly requirements: readonly Requirement[]) {}

  /**
   * Whether labels (key to value) satisfy every requirement, as `k8s.io/apimachinery/pkg/labels` decides it: `!=` and
   * `notin` hold for an object without the label, and a selector without requirements matches everything.
   */
  matches(labels: ReadonlyMap<string, string>): boolean {
    return this.requirements.every((requirement) => satisfies(requirement, labels.get(requirement.key)));
  }
}

function satisfies({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case 'in':
      return value !== undefined && values.has(value);
    case 'notin':
      return value === undefined || !values.has(value);
    case 'above':
    case 'below': {
      const number = value === undefined ? undefined : int64(value);
      const [bound] = [...values].map(int64);
      if (number === undefined || bound === undefined) return false;
      return operator === 'above' ? number > bound : number < bound;
    }
  }
}

/**
 * Reads a label selector as `kubectl get -l` takes it (docs/api.md, section 8):
 *
 * ```
 * selector    = [ requirement { "," requirement } ]
 * requirement = key | "!" key
 *             | key ( "=" | "==" | "!=" ) [ value ]
 *             | key ( "in" | "notin" ) "(" [ value ] { "," [ value ] } ")"
 *             | key ( ">" | "<" ) integer
 * key         = [ DNS-1123 subdomain of at most 253 characters "/" ] name of 1 to 63 characters
 * value       = at most 63 characters; a value left out is the empty one
 * ```
 *
 * Names and values begin and end with a letter or digit and hold letters, digits, `-`, `_` and `.`. Blanks (space,
 * tab, line feed, carriage return) separate tokens. `in` and `notin` are words only where an operator can stand.
 *
 * Written here because no maintained package has it: `ts-selector` is abandoned, and what the others call a selector
 * parser splits on commas, values of `in (…)` included.
 */
export function parseLabelSelector(text: string): LabelSelector | LabelSelectorError {
  try {
    return new LabelSelector(new Parser(text).selector());
  } catch (error) {
    if (error instanceof LabelSelectorError) return error;
    throw error;
  }
}

/** Why a text is no label selector, for the one who wrote it; undefined when it is one. */
export function labelSelectorError(text: string): string | undefined {
  const selector = parseLabelSelector(text);
  return selector instanceof LabelSelectorError
    ? `must be a Kubernetes label selector: ${selector.reason}, at offset ${selector.position}`
    : undefined;
}

interface Token {
  /** A symbol stands for itself; `word` is a key, a value or one of the operators `in` and `notin`. */
  readonly type: 'word' | 'end' | '=' | '==' | '!=' | '!' | '>' | '<' | '(' | ')' | ',';
  readonly text: string;
  readonly position: number;
}

const TOKEN = /[ \t\r\n]*(?:(==|!=|[=!<>(),])|([^ \t\r\n=!<>(),]+))?/y;

const SYMBOL_OPERATORS = { '=': 'in', '==': 'in', '!=': 'notin', '>': 'above', '<': 'below' } as const;

class Parser {
  private offset = 0;
  private token: Token;

  constructor(private readonly text: string) {
    this.token = this.scan();
  }

  selector(): Requirement[] {
    const requirements: Requirement[] = [];
    if (this.accept('end')) return requirements;
    for (;;) {
      requirements.push(this.requirement());
      if (this.accept('end')) return requirements;
      this.expect(',', 'a "," or the end');
    }
  }

  private requirement(): Requirement {
    if (this.accept('!')) return { key: this.key('a label key after "!"'), operator: 'absent', values: new Set() };
    const key = this.key('a label key or "!"');
    const { type, text } = this.token;
    if (type === 'end' || type === ',') return { key, operator: 'exists', values: new Set() };
    if (type === 'word' && (text === 'in' || text === 'notin')) {
      this.advance();
      return { key, operator: text, values: this.valueSet() };
    }
    if (!isSymbolOperator(type)) throw this.unexpected('an operator (=, ==, !=, in, notin, >, <), a "," or the end');
    this.advance();
    const operator = SYMBOL_OPERATORS[type];
    const { position } = this.token;
    const value = this.value();
    if ((operator === 'above' || operator === 'below') && int64(value) === undefined) {
      throw new LabelSelectorError(`"${type}" compares with an integer of 64 bits`, position);
    }
    return { key, operator, values: new Set([value]) };
  }

  private valueSet(): Set<string> {
    this.expect('(', 'a "("');
    const values = new Set([this.value()]);
    while (this.accept(',')) values.add(this.value());
    this.expect(')', 'a "," or a ")"');
    return values;
  }

  private key(expected: string): string {
    const { text, position } = this.expect('word', expected);
    const reason = labelKeyFault(text);
    if (reason !== undefined) throw new LabelSelectorError(`the label key ${reason}`, position);
    return text;
  }

  /** A value that is left out is the empty one. */
  private value(): string {
    const { type, text, position } = this.token;
    if (type === 'end' || type === ',' || type === ')') return '';
    this.expect('word', 'a label value');
    const reason = labelValueFault(text);
    if (reason !== undefined) throw new LabelSelectorError(`the label value ${reason}`, position);
    return text;
  }

  private accept(type: Token['type']): boolean {
    if (this.token.type !== type) return false;
    this.advance();
    return true;
  }

  private expect(type: Token['type'], expected: string): Token {
    const { token } = this;
    if (token.type !== type) throw this.unexpected(expected);
    this.advance();
    return token;
  }

  private unexpected(expected: string): LabelSelectorError {
    const found = this.token.type === 'end' ? 'the end' : `"${this.token.text}"`;
    return new LabelSelectorError(`found ${found} where ${expected} is expected`, this.token.position);
  }

  private advance(): void {
    this.token = this.scan();
  }

  private scan(): Token {
    TOKEN.lastIndex = this.offset;
    const [matched = '', symbol, word] = TOKEN.exec(this.text) ?? [];
    this.offset += matched.length;
    const text = symbol ?? word ?? '';
    const type = (symbol as Token['type'] | undefined) ?? (word === undefined ? 'end' : 'word');
    return { type, text, position: this.offset - text.length };
  }
}

function isSymbolOperator(type: Token['type']): type is keyof typeof SYMBOL_OPERATORS {
  return type in SYMBOL_OPERATORS;
}

const NAME = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const NAME_RULE = 'must begin and end with a letter or digit, with letters, digits, "-", "_" and "." between';

/** What is wrong with a label key (a "qualified name" of Kubernetes), or undefined. */
function labelKeyFault(key: string): string | undefined {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  if (slash !== -1) {
    // The length first: the patterns below are to see short texts only.
    const prefix = key.slice(0, slash);
    if (prefix.length > 253) return 'has a prefix of more than 253 characters';
    if (!SUBDOMAIN.test(prefix)) return 'has a prefix that is no lower-case DNS subdomain';
  }
  if (name.length > 63) return 'has a name of more than 63 characters';
  return NAME.test(name) ? undefined : NAME_RULE;
}

/** What is wrong with a label value, or undefined. */
function labelValueFault(value: string): string | undefined {
  if (value.length > 63) return 'has more than 63 characters';
  return NAME.test(value) ? undefined : NAME_RULE;
}

/** The integer that a text stands for when it is one of Go's `int64`, as `strconv.ParseInt(text, 10, 64)` reads it. */
function int64(text: string): bigint | undefined {
  if (!/^[-+]?[0-9]+$/.test(text)) return undefined;
  const number = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, number) === number ? number : undefined;
}
