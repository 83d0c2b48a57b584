import { rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

/**
 * Bundles the command into `dist/cli`, or the directory given: one small entry, and a chunk for each command that is loaded when it is
 * called. The metafile beside it says what went in; a test reads it (apps/cli/src/bundle.spec.ts).
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = resolve(process.argv[2] ?? `${root}/dist/cli`);

/** Modules of our rooms do nothing when they are loaded, so that what the command does not use of the contract stays out: the schemas. */
const pureRooms: Plugin = {
  name: 'pure-rooms',
  setup(bundle) {
    bundle.onResolve({ filter: /^[#.]/ }, async ({ path, pluginData, ...options }) => {
      if (pluginData === 'resolving') return undefined;
      const found = await bundle.resolve(path, { ...options, pluginData: 'resolving' });
      return found.path.includes('/libs/') ? { ...found, sideEffects: false } : found;
    });
  },
};

/**
 * A package that a room imports late is nothing that the command needs (a test on the bundle holds it to that), but would become a chunk
 * that nobody loads.
 */
const noLatePackages: Plugin = {
  name: 'no-late-packages',
  setup(bundle) {
    bundle.onResolve({ filter: /^[^#./]/ }, ({ kind, importer, path }) =>
      kind === 'dynamic-import' && importer.includes('/libs/') ? { path, external: true } : undefined,
    );
  },
};

await rm(outdir, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { holdfast: 'apps/cli/src/main.ts' },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node26',
  conditions: ['source'],
  alias: { yaml: `${root}node_modules/yaml/browser/index.js` }, // its build for Node is CommonJS, and would need `require`
  minify: true,
  metafile: true,
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [pureRooms, noLatePackages],
});

await writeFile(`${outdir}/metafile.json`, JSON.stringify(metafile));
