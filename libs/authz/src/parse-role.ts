import { AuthzError } from './errors.ts';
import type { Role } from './role.ts';

export function parseRole(value: unknown): Role {
  throw new AuthzError('invalid_role', String(value));
}
