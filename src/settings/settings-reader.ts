import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { AcceptedValues } from './accepted-values.js';
import { type BadSetting, SettingsError } from './settings-error.js';
import { type Setting, type SettingName, SETTINGS } from './settings-table.js';
import type { TlsSettings } from './tls-settings.js';

/** The type of the value that a row of the table parses to. */
type ValueOf<Name extends SettingName> = (typeof SETTINGS)[Name] extends {
  readonly accepts: AcceptedValues<infer Value>;
}
  ? Value
  : never;

/** The rows of the table that have a default, so that there is always a value. */
type NameWithDefault = {
  [Name in SettingName]: (typeof SETTINGS)[Name] extends { readonly default: string } ? Name : never;
}[SettingName];

/** Reads variables one by one and remembers every bad one, so that an operator can mend them all at once. */
export class SettingsReader {
  private readonly bad: BadSetting[] = [];

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** A setting that has a default. A bad one comes back as undefined, which nobody sees: `finish` throws first. */
  read<Name extends NameWithDefault>(name: Name): ValueOf<Name>;
  /** @returns undefined when the variable is not set */
  read<Name extends SettingName>(name: Name): ValueOf<Name> | undefined;
  read(name: SettingName): unknown {
    const setting: Setting<unknown> = SETTINGS[name];
    const text = this.text(name);
    const fileVariable = `${name}_FILE`;
    const file = setting.secret === true ? this.text(fileVariable) : undefined;
    if (file === undefined) {
      const given = text ?? setting.default;
      return given === undefined ? undefined : this.parse(name, setting.accepts, given);
    }
    if (text !== undefined) {
      this.refuse(fileVariable, `nothing, because ${name} is set too`);
      return undefined;
    }
    // An editor or `echo` leaves a line end behind the secret.
    const content = this.readFile(fileVariable, file)?.trimEnd();
    if (content === undefined) return undefined;
    const expected = `a file that holds ${setting.accepts.description}`;
    return this.parse(fileVariable, { ...setting.accepts, description: expected }, content);
  }

  /** TLS_CERT_FILE and TLS_KEY_FILE: both or none, readable, and of one pair. */
  tls(): TlsSettings | undefined {
    const certFile = this.read('TLS_CERT_FILE');
    const keyFile = this.read('TLS_KEY_FILE');
    if (certFile !== undefined && keyFile === undefined) this.refuse('TLS_KEY_FILE', 'a path, as TLS_CERT_FILE is set');
    if (keyFile !== undefined && certFile === undefined) this.refuse('TLS_CERT_FILE', 'a path, as TLS_KEY_FILE is set');
    const cert = certFile === undefined ? undefined : this.readFile('TLS_CERT_FILE', certFile);
    const key = keyFile === undefined ? undefined : this.readFile('TLS_KEY_FILE', keyFile);
    if (certFile === undefined || keyFile === undefined || cert === undefined || key === undefined) return undefined;
    try {
      createSecureContext({ cert, key });
    } catch {
      this.refuse(
        'TLS_CERT_FILE',
        'a PEM certificate chain whose private key is in TLS_KEY_FILE, without a passphrase',
      );
    }
    return { certFile, keyFile, cert, key };
  }

  /** OTEL_EXPORTER_OTLP_…, as OpenTelemetry reads them: the endpoint of all signals has a path for each. */
  otlpTracesUrl(): string | undefined {
    const isDisabled = this.read('OTEL_SDK_DISABLED');
    const all = this.read('OTEL_EXPORTER_OTLP_ENDPOINT');
    const traces =
      this.read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? (all === undefined ? undefined : `${all}/v1/traces`);
    return isDisabled ? undefined : traces;
  }

  /** DEMO, whose default depends on the database and which must not fill a database of the operator's own. */
  demo(): boolean {
    const ownDatabase = this.text('DATABASE_URL') !== undefined || this.text('DATABASE_URL_FILE') !== undefined;
    const demo = this.read('DEMO') ?? !ownDatabase;
    if (demo && ownDatabase) this.refuse('DEMO', 'false or nothing, because the database is not the embedded one');
    return demo;
  }

  /** @throws {SettingsError} when any variable was bad */
  finish(): void {
    if (this.bad.length > 0) throw new SettingsError(this.bad);
  }

  /** An empty variable counts as not set: that is what `${NAME:-}` of a compose file or shell leaves. */
  private text(name: string): string | undefined {
    const text = this.env[name];
    return text === '' ? undefined : text;
  }

  private parse<Value>(name: string, accepts: AcceptedValues<Value>, text: string): Value | undefined {
    const value = accepts.parse(text);
    if (value === undefined) {
      const reason = accepts.explain?.(text);
      this.refuse(name, reason === undefined ? accepts.description : `${accepts.description}: ${reason}`);
    }
    return value;
  }

  private readFile(name: string, file: string): string | undefined {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      this.refuse(name, 'the path of a file that the service can read');
      return undefined;
    }
  }

  private refuse(name: string, expected: string): void {
    this.bad.push({ name, expected });
  }
}
