import { isDeepStrictEqual } from 'node:util';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  type ContentObject,
  DocumentBuilder,
  type ExampleObject,
  type OpenAPIObject,
  type OperationObject,
  type ParameterObject,
  type PathItemObject,
  type ReferenceObject,
  type SchemaObject,
  SwaggerModule,
} from '@nestjs/swagger';
import { declaredAccess, declaredOwn } from '../../access/access.guard.js';
import { IGNORED_SCHEMA } from '../resource-field.js';
import { Settings } from '../../settings/settings.js';
import { HEADERS } from './headers.js';
import { CORRELATION_PARAMETER, isShared, parameterReference, sharedParameters } from './parameters.js';
import { ProblemDocument } from './problem-document.js';
import { problemComponents } from './problem-responses.js';
import { routeHandlers } from './route-handlers.js';

const DESCRIPTION = `Execution hooks run custom scripts in the containers of an app before or after its snapshots, backups,
restores and failovers, so that these are application-consistent. This service manages the hooks, the scripts that they
run (hook sources) and the apps that they belong to, and computes which containers a hook matches from the inventory of
each app's containers.

It implements the executionHook API of NetApp Astra Control (release 24.02), so that its clients work unchanged.

**Tokens.** Every request carries a token: \`Authorization: Bearer …\`. The first token is printed when the service
starts with its demo, or when the operator creates an account on the command line; further tokens of a user are made
with the API. Here, paste it after a click on *Authorize*.

**Media types.** Answers are \`application/json\`, or the resource's own media type when \`Accept\` prefers it. Request
bodies may be \`application/json\` or any \`application/*+json\`. Every answer that is not a success is a problem,
\`application/problem+json\`.`;

/** The groups of operations, in the order in which they are shown. */
const TAGS: readonly (readonly [name: string, description: string])[] = [
  ['Execution hooks', 'The execution hooks of an account.'],
  ['Execution hooks of an app', 'The execution hooks of one app: those that are tied to it.'],
  ['Execution hook overrides of an app', 'Which of the `netapp` execution hooks are switched off, or on, for one app.'],
  ['Hook sources', 'The scripts that execution hooks run.'],
  ['Apps', 'What execution hooks belong to: the pods of some namespaces, as far as label selectors reach.'],
  ['Inventory', "The containers of an app, from which a hook's matching containers and images are computed."],
  ['Accounts', 'Accounts own everything else.'],
  ['Users', 'The users of an account.'],
  ['Role bindings', 'The role that each user has in an account.'],
  ['Tokens', 'The bearer tokens of a user.'],
  ['Clouds', 'The one cloud, and in it the clusters and namespaces that apps declare. Read only.'],
];

/** Operations by method, in the order in which a path shows them. */
const METHODS = ['get', 'post', 'put', 'delete'] as const;

/** The OpenAPI document of the whole API, made from the decorated controllers and classes. */
export function createDocument(app: NestFastifyApplication): OpenAPIObject {
  const { publicUrl, basePath } = app.get(Settings);
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Execution Hooks')
    .setDescription(DESCRIPTION)
    .setVersion('1.0.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    // Relative to wherever the document comes from, below the path that clients see the service at.
    .addServer(publicUrl === undefined ? basePath || '/' : new URL(publicUrl).pathname)
    .addSecurity('bearer', {
      type: 'http',
      scheme: 'bearer',
      description: 'A token of a user of the account, or a JWT of the OpenID Connect issuer that the service trusts.',
    })
    .addSecurityRequirements('bearer');
  for (const [name, description] of TAGS) builder.addTag(name, description);
  const config = builder.build();
  config.info.contact = { name: 'The operator of this service' };
  const document = SwaggerModule.createDocument(app, config, {
    ignoreGlobalPrefix: true,
    extraModels: [ProblemDocument],
  });
  return finished(document, accessNotes(app));
}

/** Serves the document at `/openapi.json` and Swagger UI, which works without internet, at `/docs`. */
export function serveDocument(app: NestFastifyApplication): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (document ??= createDocument(app)), {
    useGlobalPrefix: true,
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Execution Hooks',
    swaggerOptions: {
      persistAuthorization: true,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      displayOperationId: true,
      docExpansion: 'list',
      // Its badge would ask a server on the internet.
      validatorUrl: null,
    },
  });
}

/** What the guard asks of the caller of each operation, in words, by operation id. */
function accessNotes(app: NestFastifyApplication): ReadonlyMap<string, string> {
  return new Map(
    routeHandlers(app).flatMap(({ controller, handler, operation }): [string, string][] => {
      const access = declaredAccess(handler, controller);
      if (operation?.operationId === undefined || access === undefined) return [];
      const own = declaredOwn(handler) === undefined ? '' : ', or the user in the path with any role';
      return [[operation.operationId, `Least role: \`${access}\`${own}.`]];
    }),
  );
}

/** Adds what no decorator of a single handler can know: path parameters, who may call, components. */
function finished(document: OpenAPIObject, notes: ReadonlyMap<string, string>): OpenAPIObject {
  // What is undefined goes, and nothing is shared with the metadata that the next document is made of.
  const draft = JSON.parse(JSON.stringify(document)) as OpenAPIObject;
  const paths = Object.fromEntries(
    Object.entries(draft.paths).map(([path, item]) => [path, finishedPath(path, item, notes)]),
  );
  const { responses, examples } = problemComponents();
  return {
    ...draft,
    paths,
    components: {
      ...draft.components,
      schemas: finishedSchemas({ ...draft.components?.schemas, Ignored: IGNORED_SCHEMA }),
      parameters: sharedParameters(parameterNames(paths)),
      headers: HEADERS,
      responses,
      examples: { ...sharedExamples(paths), ...examples },
    },
  };
}

function finishedPath(path: string, item: PathItemObject, notes: ReadonlyMap<string, string>): PathItemObject {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return {
    parameters: [...inPath, CORRELATION_PARAMETER].map(parameterReference),
    ...Object.fromEntries(
      METHODS.flatMap((method) => {
        const operation = item[method];
        return operation === undefined ? [] : [[method, finishedOperation(operation, notes)]];
      }),
    ),
  };
}

function finishedOperation(operation: OperationObject, notes: ReadonlyMap<string, string>): OperationObject {
  const { operationId = '', tags, summary, description = '', parameters = [], requestBody, responses } = operation;
  const note = notes.get(operationId);
  const own = parameters.filter((parameter) => !isInPath(parameter)).map(shared);
  return {
    tags: tags ?? [],
    operationId,
    summary: summary ?? '',
    description: note === undefined ? description : `${description}\n\n${note}`,
    ...(own.length === 0 ? {} : { parameters: own }),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses,
  };
}

function isInPath(parameter: ParameterObject | ReferenceObject): boolean {
  return 'in' in parameter && parameter.in === 'path';
}

function shared(parameter: ParameterObject | ReferenceObject): ParameterObject | ReferenceObject {
  return 'name' in parameter && isShared(parameter.name) ? parameterReference(parameter.name) : parameter;
}

/** The names of all parameters that operations refer to. */
function parameterNames(paths: Readonly<Record<string, PathItemObject>>): ReadonlySet<string> {
  const parameters = Object.values(paths).flatMap((item) => [
    ...(item.parameters ?? []),
    ...METHODS.flatMap((method) => item[method]?.parameters ?? []),
  ]);
  return new Set(parameters.map((parameter) => ('$ref' in parameter ? lastSegment(parameter.$ref) : parameter.name)));
}

/** Moves the examples of bodies, which are the same in each media type, to `components.examples`. */
function sharedExamples(paths: Readonly<Record<string, PathItemObject>>): Record<string, ExampleObject> {
  const examples: Record<string, ExampleObject> = {};
  const share = (body: ReferenceObject | { content?: ContentObject } | undefined): void => {
    if (body === undefined || '$ref' in body) return;
    for (const media of Object.values(body.content ?? {})) {
      if (media.schema === undefined || !('$ref' in media.schema)) continue;
      const schema = lastSegment(media.schema.$ref);
      for (const [key, example] of Object.entries(media.examples ?? {})) {
        if ('$ref' in example) continue;
        const name = `${schema}.${key}`;
        examples[name] ??= example;
        if (!isDeepStrictEqual(examples[name], example)) throw new Error(`There are two examples "${name}".`);
        media.examples = { ...media.examples, [key]: { $ref: `#/components/examples/${name}` } };
      }
    }
  };
  for (const operation of Object.values(paths).flatMap((item) => METHODS.map((method) => item[method]))) {
    share(operation?.requestBody);
    Object.values(operation?.responses ?? {}).forEach(share);
  }
  return examples;
}

/** The schemas by name, each without the combinations of one that Nest makes of a reference with a description. */
function finishedSchemas(schemas: Readonly<Record<string, unknown>>): Record<string, SchemaObject> {
  const byName = Object.entries(schemas).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.parse(JSON.stringify(Object.fromEntries(byName)), (_key, value: unknown) =>
    isCombinationOfOne(value) ? merged(value) : value,
  ) as Record<string, SchemaObject>;
}

function isCombinationOfOne(value: unknown): value is { readonly allOf: readonly [object] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'allOf' in value &&
    Array.isArray(value.allOf) &&
    value.allOf.length === 1
  );
}

function merged({ allOf: [one], ...rest }: { readonly allOf: readonly [object] }): object {
  return { ...one, ...rest };
}

function lastSegment(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}
