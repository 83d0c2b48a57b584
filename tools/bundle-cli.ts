import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

/**
 * Bundles the command into `dist/cli`: one small entry, and a chunk for each command that is loaded when it is called. The metafile beside
 * it says what went in; a test reads it (apps/cli/src/bundle.spec.ts).
 */
const root = fileURLToPath(new URL('..', import.meta.url));

/** Modules of our rooms do nothing when they are loaded, so that what the command does not use of the contract stays out: the schemas. */
const pureRooms: Plugin = {
  name: 'pure-rooms',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[#.]/ }, async ({ path, pluginData, ...options }) => {
      if (pluginData === 'resolving') return undefined;
      const found = await resolve(path, { ...options, pluginData: 'resolving' });
      return found.path.includes('/libs/') ? { ...found, sideEffects: false } : found;
    });
  },
};

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { holdfast: 'apps/cli/src/main.ts' },
  outdir: 'dist/cli',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node26',
  conditions: ['source'],
  minify: true,
  metafile: true,
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [pureRooms],
});

await writeFile(`${root}/dist/cli/metafile.json`, JSON.stringify(metafile));
