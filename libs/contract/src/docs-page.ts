import { PROBLEMS } from './problems.ts';
import type { Route } from './route.ts';
import { openApiDocument } from './openapi.ts';
import { ROUTES } from './routes.ts';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
  code, pre { font: 14px/1.4 ui-monospace, monospace } pre { overflow: auto; padding: .75rem; border: 1px solid #8886 }
  summary { cursor: pointer; padding: .3rem 0 } summary b { display: inline-block; width: 4.5rem } td, th { text-align: left; padding: .2rem 1rem .2rem 0 }
`;

/** The contract as one self-contained HTML page: no script, and nothing loaded from elsewhere. */
export function docsPage(): string {
  const document = openApiDocument();
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Holdfast API</title><style>${STYLE}</style></head><body>
<h1>Holdfast API</h1>
<p>${markup(document.info.description ?? '')} The same as <a href="/api/v1/openapi.json">OpenAPI 3.1</a>.</p>
<h2>Routes</h2>
${Object.entries<Route>(ROUTES)
  .map(([name, route]) => routeSection(name, route, document))
  .join('\n')}
<h2>Schemas</h2>
${Object.entries(document.components?.schemas ?? {})
  .map(([name, schema]) => schemaSection(name, schema))
  .join('\n')}
<h2>Problems</h2>
<table><tr><th>status</th><th>code</th><th>title</th></tr>
${Object.entries(PROBLEMS)
  .map(([code, { status, title }]) => `<tr><td>${status}</td><td><code>${code}</code></td><td>${escape(title)}</td></tr>`)
  .join('\n')}
</table></body></html>
`;
}

function routeSection(name: string, route: Route, document: ReturnType<typeof openApiDocument>): string {
  const item: Readonly<Record<string, unknown>> = { ...document.paths?.[route.path] };
  return `<details id="${name}"><summary><b>${route.method}</b> <code>${escape(route.path)}</code> ${escape(route.summary)}</summary>
<p>Action <code>${route.action}</code>.</p>${json(item[route.method.toLowerCase()])}</details>`;
}

function schemaSection(name: string, schema: unknown): string {
  return `<details id="schema-${name}"><summary><code>${escape(name)}</code></summary>${json(schema)}</details>`;
}

function json(value: unknown): string {
  return `<pre>${escape(JSON.stringify(value, null, 2))}</pre>`;
}

function markup(text: string): string {
  return escape(text).replaceAll(/`([^`]*)`/g, '<code>$1</code>');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
