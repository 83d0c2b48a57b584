import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiRequestBodyObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { PROBLEMS, type ProblemCode } from './problems.ts';
import type { RateLimit } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { COMMON_PROBLEMS, ROUTES } from './routes.ts';

const DESCRIPTION =
  'Callers are workloads with a client certificate that names one SPIFFE id, or operators with a session (the first, once, with a ' +
  'one-time token). ' +
  'In `{path}` a `/` may be written as `%2F`; nothing else is ever decoded. Unknown fields and parameters are refused.';

const PATH = z.object({ path: z.string().meta({ description: 'namespace/segment/…/name', example: 'payments/prod/db' }) });
const NAME = z.object({ name: z.string() });

/** The OpenAPI 3.1 description of the whole contract, made from the table of routes. */
export function openApiDocument(): ReturnType<typeof createDocument> {
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Holdfast', version: '1', description: DESCRIPTION, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths: paths(),
    components: {
      securitySchemes: {
        certificate: { type: 'mutualTLS', description: 'an X.509 client certificate with exactly one SPIFFE id' },
        session: { type: 'http', scheme: 'bearer', description: 'the token of `POST /api/v1/session`' },
        operatorToken: { type: 'http', scheme: 'bearer', description: 'the one-time token of `POST /api/v1/system/init`' },
      },
    },
  });
}

function paths(): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return paths;
}

function operation(name: string, route: Route): ZodOpenApiOperationObject {
  return {
    operationId: name,
    summary: route.summary,
    description: `Action \`${route.action}\`. ${limits(route)}`,
    security: route.credential ? [{ [route.credential]: [] }] : [...(route.anonymous ? [{}] : []), { certificate: [] }, { session: [] }],
    requestParams: {
      ...parametersOf(route.path),
      ...(route.query && { query: route.query }),
    },
    ...(route.body && { requestBody: requestBody(route.body, route.bodyLimit) }),
    responses: responses(route),
  };
}

function limits(route: Route): string {
  const strangers = route.anonymous ? `; without one, an address ${often(route.strangers)}` : '';
  return `A caller gets ${often(route.limit)}${strangers}.`;
}

function often({ perSecond, burst }: RateLimit): string {
  return `${perSecond} a second and ${burst} at once`;
}

function requestBody(schema: z.ZodType, limit = 0): ZodOpenApiRequestBodyObject {
  const description = `At most ${limit / KIB} KiB.`;
  return { description, required: !takesNone(schema), content: { 'application/json': { schema } } };
}

function parametersOf(path: string): { path?: z.ZodObject } {
  if (path.includes('{path}')) return { path: PATH };
  return path.includes('{name}') ? { path: NAME } : {};
}

function takesNone(body: z.ZodType): boolean {
  return body.safeParse(undefined).success;
}

function responses(route: Route): ZodOpenApiResponsesObject {
  const types = route.produces ?? ['application/json'];
  const content = Object.fromEntries(
    types.map((type) => [type, { schema: type.startsWith('application/json') ? route.response : z.string() }]),
  );
  return {
    [`${route.status}`]: { description: 'Done', ...(route.response && { content }) },
    ...Object.fromEntries([...problemsByStatus(route)].map(([status, codes]) => [`${status}`, problemResponse(codes)])),
  };
}

function problemsByStatus(route: Route): Map<number, ProblemCode[]> {
  const codes = new Set<ProblemCode>([...COMMON_PROBLEMS, ...route.problems]);
  return Map.groupBy(codes, (code) => PROBLEMS[code].status);
}

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(PROBLEMS)),
    requestId: z.string(),
    hint: z.string().optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

const retryAfter = z.string().meta({ description: 'seconds, where it is a rate that was exceeded (RFC 9110, section 10.2.3)' });

function problemResponse(codes: readonly ProblemCode[]) {
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    ...(codes.includes('too_many_requests') && { headers: z.object({ 'Retry-After': retryAfter.optional() }) }),
    content: { 'application/problem+json': { schema: problemSchema } },
  };
}
