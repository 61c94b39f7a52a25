import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import type { AcceptedValues } from './accepted-values.js';
import { SettingsError } from './settings-error.js';

/** What docs/settings.md says of a setting beside its name and what it accepts. */
interface About {
  readonly meaning: string;
  /** The value when the variable is not set, written as an operator would write it. */
  readonly default?: string;
  /** What happens without the variable, for a setting that has no default value. */
  readonly absent?: string;
  /** The value may hold a password: it can also be given by a file whose path is in `<NAME>_FILE`. */
  readonly secret?: true;
}

/** One environment variable: all there is to say about it. */
export interface Setting<Schema = v.GenericSchema<string | undefined, unknown>> extends About {
  readonly schema: Schema;
  /** Completes "expected …"; names bounds, never a given value. */
  readonly accepted: string;
}

/** A setting with a default. */
export function setting<Accepts extends AcceptedValues>(
  accepts: Accepts,
  byDefault: v.InferInput<Accepts>,
  about: Pick<About, 'meaning'>,
): Setting<v.OptionalSchema<Accepts, v.InferInput<Accepts>>> {
  return { schema: v.optional(accepts, byDefault), accepted: described(accepts), default: byDefault, ...about };
}

/** A setting without a value of its own: undefined where the variable is not set. */
export function optionalSetting<Accepts extends AcceptedValues>(
  accepts: Accepts,
  about: Omit<About, 'default'> & { readonly absent: string },
): Setting<v.OptionalSchema<Accepts, undefined>> {
  return { schema: v.optional(accepts), accepted: described(accepts), ...about };
}

/** A setting that must be given. */
export function requiredSetting<Accepts extends AcceptedValues>(
  accepts: Accepts,
  about: Omit<About, 'default' | 'absent'>,
): Setting<Accepts> {
  return { schema: accepts, accepted: described(accepts), absent: 'must be set', ...about };
}

function described(accepts: AcceptedValues): string {
  return v.getDescription(accepts) ?? '';
}

type Table = Readonly<Record<string, Setting>>;

/** The value of each variable of a table, under the variable's name. */
export type ValuesOf<Rows extends Table> = { readonly [Name in keyof Rows]: v.InferOutput<Rows[Name]['schema']> };

/** The environment, read once. It remembers every bad variable, so that an operator can mend them all at once. */
export class Variables {
  /** An empty variable counts as not set: that is what `${NAME:-}` of a compose file or shell leaves. */
  readonly given: Readonly<Record<string, string | undefined>>;
  private readonly bad = new Map<string, string>();

  constructor(env: NodeJS.ProcessEnv) {
    this.given = Object.fromEntries(Object.entries(env).filter(([, text]) => text !== ''));
  }

  /** Notes a bad variable; what was wrong with it first is what the operator is told. */
  refuse(variable: string, expected: string): void {
    if (!this.bad.has(variable)) this.bad.set(variable, expected);
  }

  /**
   * The values of all variables of a table; undefined where one of them is bad.
   *
   * Only a check that has a message of its own says more than what is accepted: the library's messages repeat the value.
   */
  values<Rows extends Table>(table: Rows): ValuesOf<Rows> | undefined {
    const fromFiles = this.secretsInFiles(table);
    const schema = v.object(Object.fromEntries(Object.entries(table).map(([name, row]) => [name, row.schema])));
    const silent = { abortPipeEarly: true, message: '' };
    const { success, output, issues = [] } = v.safeParse(schema, { ...this.given, ...fromFiles }, silent);
    const reasons = new Map<string, string[]>();
    for (const { path: [variable, ...path] = [], message } of issues) {
      const name = String(variable?.key);
      const place = path.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
      reasons.set(name, [...(reasons.get(name) ?? []), ...(message === '' ? [] : [`${place} ${message}`.trim()])]);
    }
    for (const [name, details] of reasons) {
      const expected = [table[name]?.accepted, ...(details.length === 0 ? [] : [details.join('; ')])].join(': ');
      if (name in fromFiles) this.refuse(`${name}_FILE`, `a file that holds ${expected}`);
      else this.refuse(name, expected);
    }
    return success ? (output as ValuesOf<Rows>) : undefined;
  }

  /** The text of the file whose path a variable holds; undefined when it is not set or names no file that can be read. */
  file(variable: string): string | undefined {
    const path = this.given[variable];
    if (path === undefined) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch {
      this.refuse(variable, 'the path of a file that the service can read');
      return undefined;
    }
  }

  /**
   * What `values` answered.
   *
   * @throws {SettingsError} naming every bad variable, not only the first
   */
  checked<Values>(values: Values | undefined): Values {
    if (values !== undefined && this.bad.size === 0) return values;
    throw new SettingsError(Array.from(this.bad, ([name, expected]) => ({ name, expected })));
  }

  /** The secrets whose files are named, by their own names. */
  private secretsInFiles(table: Table): Readonly<Record<string, string | undefined>> {
    const secrets = Object.entries(table).flatMap(([name, { secret }]) => {
      const variable = `${name}_FILE`;
      if (secret === undefined || this.given[variable] === undefined) return [];
      if (this.given[name] === undefined) return [[name, this.file(variable)?.trimEnd()]];
      this.refuse(variable, `nothing, because ${name} is set too`);
      return [];
    });
    return Object.fromEntries(secrets) as Readonly<Record<string, string | undefined>>;
  }
}
