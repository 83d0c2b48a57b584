// The architecture, as a table: a room may import only the rooms listed (all of them stand to its left).
const mayImport = {
  contract: [],
  settings: [],
  crypto: [],
  identity: ['crypto'],
  audit: ['crypto', 'identity'],
  authz: ['crypto', 'identity', 'audit'],
  keys: ['crypto', 'identity', 'audit', 'authz'],
  access: ['crypto', 'identity', 'audit', 'authz', 'keys'],
  auditing: ['crypto', 'identity', 'audit', 'authz', 'keys'],
  secrets: ['crypto', 'identity', 'audit', 'authz', 'keys'],
  storage: ['crypto', 'identity', 'audit', 'authz', 'keys', 'access', 'auditing', 'secrets'],
};
const rooms = Object.keys(mayImport).join('|');
const door = (room) => `^libs/${room}/src/index[.]ts$`;
const tests = '[.](spec|contract)[.]ts$|^test/';

module.exports = {
  forbidden: [
    ...Object.entries(mayImport).map(([room, others]) => ({
      name: `${room}-imports`,
      severity: 'error',
      comment: `libs/${room} may import only: ${others.join(', ') || 'nothing'}`,
      from: { path: `^libs/${room}/`, pathNot: tests },
      to: { path: '^(libs|apps|test|tools)/', pathNot: [`^libs/${room}/`, ...others.map(door)] },
    })),
    { name: 'every-room-is-in-the-table', severity: 'error', from: { path: `^libs/(?!(${rooms})/)` }, to: {} },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-through-own-door',
      severity: 'error',
      from: { path: '^libs/([^/]+)/src/(?!index[.]ts)', pathNot: tests },
      to: { path: '^libs/$1/src/index[.]ts$' },
    },
    { name: 'apps-use-doors', severity: 'error', from: { path: '^apps/' }, to: { path: '^libs/[^/]+/src/(?!index[.]ts)' } },
    { name: 'no-app-sees-tests', severity: 'error', from: { path: '^apps/', pathNot: tests }, to: { path: '^(test|tools)/' } },
    {
      // cli may also open two doors of what works offline: audit's, for `audit verify`, and authz's, for `role test` (docs/adr/0009)
      name: 'cli-sees-contract-audit-and-authz',
      severity: 'error',
      from: { path: '^apps/cli/', pathNot: tests },
      to: { path: '^(libs/(?!contract/|audit/|authz/)|apps/server/)' },
    },
    {
      name: 'http-does-not-see-storage',
      severity: 'error',
      from: { path: '^apps/server/src/http/' },
      to: { path: '^libs/(storage|crypto)/' },
    },
    { name: 'libs-know-no-framework', severity: 'error', from: { path: '^libs/' }, to: { path: 'node_modules/@nestjs/' } },
    { name: 'typeorm-stays-in-storage', severity: 'error', from: { pathNot: '^libs/storage/' }, to: { path: 'node_modules/typeorm/' } },
    { name: 'casl-stays-in-authz', severity: 'error', from: { pathNot: '^libs/authz/' }, to: { path: 'node_modules/@casl/' } },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'types', 'import', 'node', 'default'] },
  },
};
