import { z } from 'zod';
import { PER_CALLER } from './limits.ts';
import type { Route } from './route.ts';

/** Routes of the audit log. */
export const AUDIT_ROUTES = {
  exportLog: {
    summary: 'Export the whole log: a header, the entries as their canonical bytes, a signed checkpoint',
    method: 'GET',
    path: '/api/v1/audit/entries',
    action: 'audit:export',
    anonymous: false,
    limit: PER_CALLER.costly,
    sealed: false,
    query: z.strictObject({ format: z.literal('ndjson').optional() }),
    status: 200,
    response: z.string(),
    produces: ['application/x-ndjson'],
    problems: ['integrity_failed'],
  },
  readCheckpoint: {
    summary: "Read the log's newest checkpoint (C2SP tlog-checkpoint)",
    method: 'GET',
    path: '/api/v1/audit/checkpoint',
    action: 'audit:read',
    anonymous: false,
    limit: PER_CALLER.look,
    sealed: false,
    status: 200,
    response: z.string(),
    produces: ['text/plain; charset=utf-8'],
    problems: [],
  },
} as const satisfies Record<string, Route>;
