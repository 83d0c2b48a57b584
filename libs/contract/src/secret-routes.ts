import { z } from 'zod';
import { PER_CALLER } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { count, fieldNames, labels, path, time, version, versions } from './shapes.ts';

const data = z.record(z.string(), z.string()).meta({ description: 'at most 1 MiB in all' });
const binary = fieldNames.meta({ description: 'fields whose value is the base64 of bytes' });

const secret = z
  .object({ path, version, data, binary: binary.optional(), labels, createdAt: time, createdBy: z.string(), expiresAt: time.optional() })
  .meta({ id: 'Secret' });

const writeSecretBody = z.strictObject({
  data,
  binary: binary.optional(),
  labels: labels.optional(),
  ifVersion: z.int().min(0).max(2_147_483_647).optional().meta({ description: '0 creates only' }),
  expiresAt: time.optional(),
});

const patchSecretBody = z.strictObject({
  data: z.record(z.string(), z.string().nullable()).optional().meta({ description: 'RFC 7396: null removes the field' }),
  binary: binary.optional(),
  labels: z.record(z.string(), z.string().nullable()).optional(),
  ifVersion: version.optional(),
  expiresAt: time.nullable().optional(),
});

const writtenSecret = z.object({ path, version, createdAt: time }).meta({ id: 'WrittenSecret' });

const versionItem = z
  .object({
    version,
    createdAt: time,
    createdBy: z.string(),
    expiresAt: time.optional(),
    deletedAt: time.optional(),
    destroyedAt: time.optional(),
  })
  .meta({ id: 'SecretVersion' });

const versionList = z
  .object({ path, labels, createdAt: time, current: version, items: z.array(versionItem) })
  .meta({ id: 'SecretVersions' });

const listItem = z
  .object({
    path: z.string().meta({ description: 'ends in / where it stands for a subtree, and then is all there is' }),
    version: version.optional(),
    labels: labels.optional(),
    createdAt: time.optional(),
    updatedAt: time.optional(),
    expiresAt: time.optional(),
  })
  .meta({ id: 'SecretListItem' });

const SELECTOR = /^[A-Za-z0-9._-]+=[A-Za-z0-9._-]+(?:,[A-Za-z0-9._-]+=[A-Za-z0-9._-]+)*$/;
const SELECTED = { description: 'name=value, or several with commas between: all of them hold', example: 'tier=web,region=eu' };

const listQuery = z.strictObject({
  prefix: z.string().max(512).optional(),
  recursive: z.enum(['true', 'false']).optional(),
  label: z.string().max(1_024).regex(SELECTOR, 'is not name=value, or several with commas between').optional().meta(SELECTED),
  q: z.string().max(128).optional().meta({ description: 'a part of the path' }),
  limit: count(1_000).optional(),
  cursor: z.string().max(2_048).optional(),
});

const bundleBody = z
  .strictObject({
    paths: z
      .array(path)
      .min(1)
      .max(1_000)
      .refine((paths) => new Set(paths).size === paths.length, 'names a path twice')
      .optional()
      .meta({ description: 'without it: everything the caller may read' }),
  })
  .default({});

const bundleItem = z
  .object({
    path,
    status: z.int(),
    version: version.optional(),
    data: data.optional(),
    binary: binary.optional(),
    code: z.string().optional(),
  })
  .meta({ id: 'BundleItem' });

const WRITE_PROBLEMS = ['invalid_path', 'invalid_data', 'conflict', 'integrity_failed'] as const;
const VERSION_PROBLEMS = ['invalid_path', 'not_found', 'version_unavailable', 'integrity_failed'] as const;

/** Routes of secrets. */
export const SECRET_ROUTES = {
  readSecret: {
    summary: 'Read a secret',
    method: 'GET',
    path: '/api/v1/secrets/{path}',
    action: 'secret:read',
    anonymous: false,
    limit: PER_CALLER.read,
    sealed: false,
    query: z.strictObject({ version: count(2_147_483_647).optional() }),
    status: 200,
    response: secret,
    problems: VERSION_PROBLEMS,
  },
  writeSecret: {
    summary: 'Write a new version of a secret',
    method: 'PUT',
    path: '/api/v1/secrets/{path}',
    action: 'secret:write',
    anonymous: false,
    limit: PER_CALLER.write,
    sealed: false,
    body: writeSecretBody,
    bodyLimit: 2_048 * KIB,
    status: 200,
    response: writtenSecret,
    problems: [...WRITE_PROBLEMS, 'reserved_namespace'],
  },
  patchSecret: {
    summary: 'Change fields or labels of a secret (RFC 7396)',
    method: 'PATCH',
    path: '/api/v1/secrets/{path}',
    action: 'secret:write',
    anonymous: false,
    limit: PER_CALLER.write,
    sealed: false,
    body: patchSecretBody,
    bodyLimit: 2_048 * KIB,
    status: 200,
    response: writtenSecret,
    problems: [...WRITE_PROBLEMS, 'not_found', 'version_unavailable'],
  },
  deleteSecret: {
    summary: 'Delete a secret or one version, restorably',
    method: 'DELETE',
    path: '/api/v1/secrets/{path}',
    action: 'secret:delete',
    anonymous: false,
    limit: PER_CALLER.write,
    sealed: false,
    query: z.strictObject({ version: count(2_147_483_647).optional() }),
    status: 204,
    problems: VERSION_PROBLEMS,
  },
  restoreSecret: {
    summary: 'Bring back what was deleted: the named versions, or the latest delete',
    method: 'POST',
    path: '/api/v1/secrets/{path}:restore',
    action: 'secret:delete',
    anonymous: false,
    limit: PER_CALLER.write,
    sealed: false,
    body: z.strictObject({ versions: versions.optional() }).default({}),
    bodyLimit: 16 * KIB,
    status: 204,
    problems: VERSION_PROBLEMS,
  },
  destroyVersions: {
    summary: 'Destroy versions for good',
    method: 'POST',
    path: '/api/v1/secrets/{path}:destroy',
    action: 'secret:destroy',
    anonymous: false,
    limit: PER_CALLER.write,
    sealed: false,
    body: z.strictObject({ versions }),
    bodyLimit: 16 * KIB,
    status: 204,
    problems: VERSION_PROBLEMS,
  },
  listVersions: {
    summary: 'List the versions of a secret, without values',
    method: 'GET',
    path: '/api/v1/secrets/{path}:versions',
    action: 'secret:describe',
    anonymous: false,
    limit: PER_CALLER.look,
    sealed: false,
    status: 200,
    response: versionList,
    problems: ['invalid_path', 'not_found', 'integrity_failed'],
  },
  listSecrets: {
    summary: 'List the secrets that the caller may list, without values',
    method: 'GET',
    path: '/api/v1/secrets',
    action: 'secret:list',
    anonymous: false,
    limit: PER_CALLER.list,
    sealed: false,
    query: listQuery,
    status: 200,
    response: z.object({ items: z.array(listItem), nextCursor: z.string().optional() }).meta({ id: 'SecretList' }),
    problems: ['invalid_path', 'invalid_cursor', 'integrity_failed'],
  },
  readBundle: {
    summary: 'Read several secrets at once, each decided and recorded by itself',
    method: 'POST',
    path: '/api/v1/bundle',
    action: 'secret:read',
    anonymous: false,
    limit: PER_CALLER.bundle,
    sealed: false,
    body: bundleBody,
    bodyLimit: 2_048 * KIB,
    status: 200,
    response: z.object({ items: z.array(bundleItem) }).meta({ id: 'Bundle' }),
    produces: ['application/json', 'text/x-dotenv', 'text/x-shellscript'],
    problems: [
      ...VERSION_PROBLEMS,
      'overloaded',
      'too_many_items',
      'not_acceptable',
      'ambiguous_name',
      'dangerous_name',
      'unrepresentable_value',
    ],
  },
} as const satisfies Record<string, Route>;
