import { describe, expect, it } from 'vitest';
import { docsPage } from './docs-page.ts';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';

const routes = Object.entries<Route>(ROUTES);

describe('openApiDocument', () => {
  it('is what docs/openapi.json says (update it with `vitest run -u libs/contract`)', async () => {
    await expect(`${JSON.stringify(openApiDocument(), null, 2)}\n`).toMatchFileSnapshot('../../../docs/openapi.json');
  });

  it.each(routes)('describes %s', (name, route) => {
    const item: Readonly<Record<string, unknown>> = { ...openApiDocument().paths?.[route.path] };
    expect(item[route.method.toLowerCase()]).toMatchObject({ operationId: name });
  });

  it('refers to nothing that it does not hold', () => {
    const document = openApiDocument();
    const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
    const schemas = Object.keys(document.components?.schemas ?? {});
    for (const [, name] of references) expect(schemas).toContain(name);
  });
});

describe('docsPage', () => {
  it('shows every route, runs no script and loads nothing', () => {
    const page = docsPage();
    for (const [name] of routes) expect(page).toContain(`id="${name}"`);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\ssrc=|@import|url\(/i);
  });
});
