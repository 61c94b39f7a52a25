/**
 * Who may import whom. Each rule has a name, which `npm run deps:check` prints, and says why it exists.
 * Specs sit beside what they test and may reach further, so the rules about layers leave them out.
 */

/** The folders that hold one resource each (or, in `accounts`, the family of resources around a caller). */
const FEATURES = '^src/(accounts|users|role-bindings|tokens|apps|hooks|hook-sources|hook-overrides)/';
/** What Node is started with: the service and its command line. */
const ENTRY_POINTS = '^src/(main|cli)[.]ts$';
const SPEC = '[.]spec[.]ts$';

/** What a feature shows to the others: its module, its services, how it guards a route and how its collection lists. */
const PUBLIC_FILES = '[.](module|service|guard|decorator|collection)[.]ts$';
/** Who is calling, by which token, and what their role allows: what every feature reads of `accounts`. */
const CALLER_FILES = '^src/accounts/(caller|role|namespace-limit|bearer-token)[.]ts$';

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
      name: 'no-orphans',
      comment: 'A file that nothing imports and that imports nothing is dead.',
      severity: 'error',
      from: { orphan: true, pathNot: [SPEC, '[.]d[.]ts$'] },
      to: {},
    },
    {
      name: 'not-unreachable',
      comment: 'Whatever of src neither the service nor its command line leads to is dead, even if a test uses it.',
      severity: 'error',
      from: { path: ENTRY_POINTS },
      to: { path: '^src/', pathNot: [ENTRY_POINTS, SPEC, '[.]d[.]ts$'], reachable: false },
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
      from: { path: '^(src|migrations)/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'no-tests-in-src',
      comment: 'The service never depends on its tests, benchmarks or tools.',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: SPEC },
      to: { path: ['^(test|bench|scripts)/', SPEC] },
    },
    {
      name: 'matching-is-pure',
      comment: 'Matching is criteria + snapshot → selection: testable and fast without a framework, a database or I/O.',
      severity: 'error',
      from: { path: '^src/matching/', pathNot: SPEC },
      to: { pathNot: ['^src/matching/', '^node_modules/(re2|lru-cache)/', '^(node:)?util(/types)?$'] },
    },
    {
      name: 'collections-are-pure',
      comment:
        'Filter text → plan → SQL text is one library for every feature. It knows the problems that it throws and the ' +
        'types of the database seam, and no framework and no feature.',
      severity: 'error',
      from: { path: '^src/collections/', pathNot: SPEC },
      to: {
        path: ['^src/', '^node_modules/(@nestjs|typeorm|fastify|pg)/'],
        pathNot: ['^src/(collections|problems|matching)/', '^src/database/database[.]ts$', '^src/http/[a-z-]+[.]ts$'],
      },
    },
    {
      name: 'collections-use-the-database-types-only',
      comment: 'See collections-are-pure: of the database, only its types.',
      severity: 'error',
      from: { path: '^src/collections/', pathNot: SPEC },
      to: { path: '^src/database/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'problems-know-no-feature',
      comment: 'The catalogue and its filter serve every feature; a feature in them would make a cycle of folders.',
      severity: 'error',
      from: { path: '^src/(problems|http|database|settings)/', pathNot: SPEC },
      to: { path: FEATURES, pathNot: ['[.]entity[.]ts$', '^src/accounts/role[.]ts$'] },
    },
    {
      name: 'features-meet-through-services',
      comment:
        "A feature uses another one through the files that are meant for it. A repository, entity or DTO of another feature would tie two features' tables and wire formats together.",
      severity: 'error',
      from: { path: FEATURES, pathNot: SPEC },
      to: { path: FEATURES, pathNot: ['^src/$1/', PUBLIC_FILES, CALLER_FILES] },
    },
    {
      name: 'entities-stay-at-home',
      comment: 'Entities describe tables for migrations. Nobody else passes rows around, so a column can be renamed.',
      severity: 'error',
      from: { path: '^(src|migrations)/([^/]+)/', pathNot: ['^src/database/entities[.]ts$', SPEC] },
      to: { path: '[.]entity[.]ts$', pathNot: '^src/$2/' },
    },
    {
      name: 'typeorm-stays-below',
      comment: 'TypeORM owns entities, migrations and the pool. Queries go through the seam of src/database.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/database/', '[.]entity[.]ts$', '[.]module[.]ts$', SPEC] },
      to: { path: '^node_modules/(typeorm|@nestjs/typeorm)/' },
    },
    {
      name: 'opentelemetry-on-demand',
      comment:
        'Whoever sends no traces pays nothing for them: its packages are loaded when a collector is set, not before.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/operations/otlp-tracing[.]ts$', SPEC] },
      to: { path: ['^src/operations/otlp-tracing[.]ts$', '^node_modules/@opentelemetry/'], dynamic: false },
    },
    {
      name: 'controllers-hold-no-sql',
      comment: 'A request walks controller → service → repository.',
      severity: 'error',
      from: { path: `${FEATURES}.*[.]controller[.]ts$` },
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
    exclude: { path: ['^dist/', '^coverage/'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
