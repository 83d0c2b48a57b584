import { z } from 'zod';

/** What several schemas are made of. Limits that need more than a shape (a path's segments, a role's patterns) are the rooms' to check. */
export const path = z.string().min(1).max(512).meta({ description: 'namespace/segment/…/name', example: 'payments/prod/db' });
export const time = z.iso.datetime({ offset: true }).meta({ description: 'RFC 3339' });
export const version = z.int().min(1).max(2_147_483_647);
export const versions = z.array(version).min(1).max(1_000);
export const labels = z.record(z.string(), z.string()).meta({ description: 'at most 64 names and values' });
export const fieldNames = z.array(z.string()).max(1_000);
export const spiffeId = z.string().max(2_048).meta({ example: 'spiffe://acme.internal/ns/payments/sa/api' });
export const token = z.string().min(1).max(256);
export const password = z.string().min(1).max(4_096);
/** Why somebody does something, for whoever looks at it later. It is kept in clear to them, so it is no place for a secret. */
export const reason = z.string().min(1).max(500);
export const totp = z.string().min(1).max(64).meta({ description: 'six digits, or a recovery code' });
export const nothing = z.strictObject({});

/** A whole number in a query, written without sign or leading zero. */
export function count(max: number) {
  return z
    .string()
    .regex(/^[1-9][0-9]{0,9}$/)
    .transform(Number)
    .pipe(z.number().max(max))
    .meta({
      override: ({ jsonSchema }) => void Object.assign(jsonSchema, { type: 'integer', minimum: 1, maximum: max, pattern: undefined }),
    });
}
