/**
 * Who may import whom. Each rule has a name, which `npm run deps:check` prints, and says why it exists.
 * Specs sit beside what they test and may reach further: they are left out altogether.
 */

/**
 * The layers of src, from the ground up: a folder uses those of its own layer and of the layers before it.
 * `docs/architecture.md` draws them.
 */
const LAYERS = [
  ['settings', 'turns', 'problems', 'matching', 'query'],
  ['database', 'embedded-postgres', 'operations'],
  ['access'],
  ['rest'],
  ['features'],
  ['app', 'cli', 'demo'],
];
/** What Node is started with: the service and its command line. */
const ENTRY_POINTS = '^src/(main|cli)[.]ts$';
const SPEC = '[.]spec[.]ts$';

/** What a feature shows to the others: its module, its services, its collection, and the fields that others take over. */
const PUBLIC_FILES = [
  '[.](module|service|collection|resource)[.]ts$',
  '^src/features/(apps/(visible-apps|label-selector|namespace-scoped-resource|app-namespaces)|users/end-access|hooks/(hook-rules|hook-execution)|hook-sources/source-rules)[.]ts$',
];

function inLayers(folders) {
  return `^src/(${folders.join('|')})/`;
}

const layerRules = LAYERS.slice(0, -1).map((folders, index) => ({
  name: `layer-${index + 1}-knows-no-higher-one`,
  comment: `${folders.join(', ')}: what is above them may change without them.`,
  severity: 'error',
  from: { path: inLayers(folders) },
  to: { path: inLayers(LAYERS.slice(index + 1).flat()) },
}));

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or miss a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-cycles-of-folders',
      comment: 'Two folders that need each other are one folder, or miss a third.',
      severity: 'error',
      scope: 'folder',
      from: { path: '^src/' },
      to: { circular: true },
    },
    ...layerRules,
    {
      name: 'no-orphans',
      comment: 'A file that nothing imports and that imports nothing is dead.',
      severity: 'error',
      from: { orphan: true, pathNot: '[.]d[.]ts$' },
      to: {},
    },
    {
      name: 'not-unreachable',
      comment: 'Whatever of src neither the service nor its command line leads to is dead, even if a test uses it.',
      severity: 'error',
      from: { path: ENTRY_POINTS },
      to: { path: '^src/', pathNot: [ENTRY_POINTS, '[.](d|entity)[.]ts$'], reachable: false },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import of something that is not there.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'A package that works only because another one brings it along breaks with the next update.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-development-packages-in-src',
      comment: 'An image holds production dependencies only. Types vanish in the build and may come from anywhere.',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'no-tests-in-src',
      comment: 'The service never depends on its tests, benchmarks or tools.',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { path: '^(test|bench|faults|scripts)/' },
    },
    {
      name: 'matching-is-pure',
      comment: 'Matching is criteria + snapshot → selection: testable and fast without a framework, a database or I/O.',
      severity: 'error',
      from: { path: '^src/matching/' },
      to: { pathNot: ['^src/matching/', '^node_modules/(re2|lru-cache)/', '^(node:)?util(/types)?$'] },
    },
    {
      name: 'query-is-pure',
      comment:
        'Filter text → plan → SQL text is one library for every feature, without a framework, a database or I/O.',
      severity: 'error',
      from: { path: '^src/query/' },
      to: { pathNot: ['^src/(query|problems)/', '^(node:)?(crypto|util)$'] },
    },
    {
      name: 'features-meet-through-services',
      comment:
        "A feature uses another one through the files that are meant for it. A repository, entity or DTO of another feature would tie two features' tables and wire formats together.",
      severity: 'error',
      from: { path: '^src/features/([^/]+)/' },
      to: { path: '^src/features/', pathNot: ['^src/features/$1/', ...PUBLIC_FILES] },
    },
    {
      name: 'entities-stay-at-home',
      comment: 'Entities describe tables for migrations. Nobody else passes rows around, so a column can be renamed.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '[.]entity[.]ts$' },
    },
    {
      name: 'typeorm-stays-below',
      comment: 'TypeORM owns entities, migrations and the pool. Queries go through the seam of src/database.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/database/', '[.]entity[.]ts$', '[.]module[.]ts$'] },
      to: { path: '^node_modules/(typeorm|@nestjs/typeorm)/' },
    },
    {
      name: 'opentelemetry-on-demand',
      comment:
        'Whoever sends no traces pays nothing for them: its packages are loaded when a collector is set, not before.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/operations/otlp-tracing[.]ts$'] },
      to: { path: ['^src/operations/otlp-tracing[.]ts$', '^node_modules/@opentelemetry/'], dynamic: false },
    },
    {
      name: 'controllers-hold-no-sql',
      comment: 'A request walks controller → service → repository.',
      severity: 'error',
      from: { path: '^src/features/.*[.]controller[.]ts$' },
      to: { path: ['[.]repository[.]ts$', '^src/database/'] },
    },
    {
      name: 'nothing-walks-back',
      comment: 'A request walks controller → service → repository → mapper; nothing below imports what is above.',
      severity: 'error',
      from: { path: '[.](service|repository|mapper|entity)[.]ts$' },
      to: { path: '[.]controller[.]ts$' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['^dist/', '^coverage/', SPEC] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
