import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createEngine,
  type Engine,
  type FuncMap,
  sprigConversions,
  sprigDefaults,
  sprigDicts,
  sprigFlow,
  sprigMath,
  sprigStrings,
} from '@promptctl/go-template-js';
import { parse, parseAllDocuments, stringify } from 'yaml';

/** The folder of the chart. */
export const CHART = fileURLToPath(new URL('../../deploy/helm/execution-hooks/', import.meta.url));

/** Values of a chart, or a part of them. */
export type Values = Readonly<Record<string, unknown>>;

/** A Kubernetes resource as a chart renders it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly [name: string]: unknown };
  readonly [name: string]: unknown;
}

/** A file of values of the chart, without the defaults. */
export function valuesOf(name: string): Values {
  return (parse(readFileSync(join(CHART, name), 'utf8')) ?? {}) as Values;
}

/** Values over the chart's defaults, as Helm merges them: object by object; a list replaces a list. */
export function merged(defaults: Values, values: Values): Values {
  const both = Object.entries(values).map(([name, value]): [string, unknown] => {
    const under = defaults[name];
    return [name, isValues(under) && isValues(value) ? merged(under, value) : value];
  });
  return { ...defaults, ...Object.fromEntries(both) };
}

/** A file that is switched off renders nothing. */
function isManifest(value: unknown): value is Manifest {
  return value !== null;
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Renders the chart as `helm template hooks … --namespace platform` does, as far as the chart goes: Go's template
 * language and sprig by a library, and the functions that Helm adds to them. A value that is missing is an error here,
 * where Helm would print nothing.
 *
 * @param values over the defaults
 */
export class RenderedChart {
  private readonly helpers = readFileSync(join(CHART, 'templates/_helpers.tpl'), 'utf8');
  private readonly context: object;
  private readonly engine: Engine<string>;

  constructor(values: Values) {
    const { name, version, appVersion } = valuesOf('Chart.yaml');
    this.context = {
      Values: merged(valuesOf('values.yaml'), values),
      Chart: { Name: name, Version: version, AppVersion: appVersion },
      Release: { Name: 'hooks', Namespace: 'platform', Service: 'Helm', IsInstall: true, IsUpgrade: false },
    };
    this.engine = createEngine<string>({
      fromString: (text) => text,
      missingKey: 'error',
      funcs: {
        ...sprigConversions(),
        ...sprigDefaults(),
        ...sprigDicts(),
        ...sprigFlow(),
        ...sprigMath(),
        ...sprigStrings(),
        ...this.helmFunctions(),
      },
    });
  }

  /** What Helm adds to sprig, as far as the chart uses it. */
  private helmFunctions(): FuncMap {
    return {
      include: {
        argTypes: ['string', 'value'],
        fn: (name: unknown, context: unknown) => this.evaluate(`{{ template ${JSON.stringify(name)} . }}`, context),
      },
      toYaml: { argTypes: ['value'], fn: (value: unknown) => stringify(value, { lineWidth: 0 }).trimEnd() },
      // Sprig's own takes anything; the library's takes texts only.
      quote: { argTypes: ['value'], fn: (value: unknown) => JSON.stringify(String(value)) },
      required: {
        argTypes: ['string', 'value'],
        fn: (message: unknown, value: unknown) => {
          if (value === undefined || value === null || value === '') throw new Error(String(message));
          return value;
        },
      },
    };
  }

  private evaluate(source: string, context: unknown): string {
    return this.engine
      .parse(this.helpers + source)
      .evaluate(context)
      .join('');
  }

  /** The text of one file of `templates/`. */
  text(name: string): string {
    return this.evaluate(readFileSync(join(CHART, 'templates', name), 'utf8'), this.context).trim();
  }

  /** Every resource. @throws Error where a template renders no YAML */
  manifests(): Manifest[] {
    const names = readdirSync(join(CHART, 'templates')).filter((name) => name.endsWith('.yaml'));
    return names.sort().flatMap((name) =>
      parseAllDocuments(this.text(name), { uniqueKeys: true }).flatMap((document) => {
        const [error] = document.errors;
        if (error !== undefined) throw new Error(`${name}: ${error.message}`);
        const manifest: unknown = document.toJS();
        return isManifest(manifest) ? [manifest] : [];
      }),
    );
  }

  /** The one resource of a kind. @throws Error where there is none, or another one */
  manifest(kind: string): Manifest {
    const [found, ...others] = this.manifests().filter((manifest) => manifest.kind === kind);
    if (found === undefined || others.length > 0) throw new Error(`There is not one ${kind}.`);
    return found;
  }
}
