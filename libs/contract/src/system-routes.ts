import { z } from 'zod';
import { PER_ADDRESS, PER_CALLER } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { nothing, time, token } from './shapes.ts';

const passphrase = z.string().min(1).max(1_024);

const slot = z
  .discriminatedUnion('kind', [z.strictObject({ kind: z.literal('passphrase'), passphrase }), z.strictObject({ kind: z.literal('file') })])
  .meta({ id: 'SlotRequest' });

const initializeBody = z.strictObject({ bootstrapToken: token, slots: z.array(slot).min(1).max(8) });

const initialized = z
  .object({
    fingerprint: z.string(),
    logVerifierKey: z.string(),
    trustBundle: z.string(),
    operatorToken: token,
  })
  .meta({ id: 'Initialized' });

const unsealBody = z.discriminatedUnion('slot', [
  z.strictObject({ slot: z.literal('passphrase'), passphrase }),
  z.strictObject({
    slot: z.literal('file'),
    key: z.base64().max(64).optional().meta({ description: 'else the file that the settings name' }),
  }),
]);

const expiry = z
  .object({
    kind: z.enum(['server_certificate', 'issuing_ca', 'trust_bundle', 'crl']),
    name: z.string().meta({ description: 'the trust domain, or `server`' }),
    until: time,
    due: z.boolean().meta({ description: 'time to do something about it' }),
  })
  .meta({ id: 'Expiry' });

const status = z
  .object({
    sealed: z.boolean(),
    version: z.string(),
    expiries: z.array(expiry).max(100).optional().meta({ description: 'for operators: what ends first of each kind, and all that is due' }),
  })
  .meta({ id: 'Status' });

/** Routes of the server itself. */
export const SYSTEM_ROUTES = {
  readStatus: {
    summary: 'Read whether the server is sealed',
    method: 'GET',
    path: '/api/v1/system/status',
    action: 'system:status',
    anonymous: true,
    limit: PER_CALLER.look,
    strangers: PER_ADDRESS.look,
    sealed: true,
    status: 200,
    response: status,
    problems: [],
  },
  initialize: {
    summary: 'Initialize the server, once',
    method: 'POST',
    path: '/api/v1/system/init',
    action: 'system:init',
    anonymous: true,
    limit: PER_CALLER.rare,
    strangers: PER_ADDRESS.guess,
    sealed: true,
    body: initializeBody,
    bodyLimit: 64 * KIB,
    status: 201,
    response: initialized,
    problems: ['bootstrap_refused', 'already_initialized', 'unknown_slot', 'wrong_key', 'slot_file_damaged'],
  },
  unseal: {
    summary: 'Unseal the server',
    method: 'POST',
    path: '/api/v1/system/unseal',
    action: 'system:unseal',
    anonymous: true,
    limit: PER_CALLER.rare,
    strangers: PER_ADDRESS.guess,
    sealed: true,
    body: unsealBody,
    bodyLimit: 16 * KIB,
    status: 200,
    response: z.object({ sealed: z.boolean() }).meta({ id: 'Unsealed' }),
    problems: [
      'wrong_key',
      'unknown_slot',
      'not_initialized',
      'already_unsealed',
      'integrity_failed',
      'slot_file_damaged',
      'log_damaged',
      'log_behind_checkpoint',
      'clock_before_log',
      'authority_rolled_back',
    ],
  },
  seal: {
    summary: 'Seal the server: drop its keys and close its database',
    method: 'POST',
    path: '/api/v1/system/seal',
    action: 'system:seal',
    anonymous: false,
    limit: PER_CALLER.rare,
    sealed: false,
    body: nothing.default({}),
    bodyLimit: 4 * KIB,
    status: 204,
    problems: [],
  },
  describe: {
    summary: 'Read this description (OpenAPI 3.1)',
    method: 'GET',
    path: '/api/v1/openapi.json',
    action: 'system:describe',
    anonymous: true,
    limit: PER_CALLER.rare,
    strangers: PER_ADDRESS.document,
    sealed: true,
    status: 200,
    response: z.looseObject({ openapi: z.literal('3.1.0') }),
    problems: [],
  },
  browse: {
    summary: 'Read this description as a page',
    method: 'GET',
    path: '/api/docs',
    action: 'system:describe',
    anonymous: true,
    limit: PER_CALLER.rare,
    strangers: PER_ADDRESS.document,
    sealed: true,
    status: 200,
    response: z.string(),
    produces: ['text/html; charset=utf-8'],
    problems: [],
  },
} as const satisfies Record<string, Route>;
