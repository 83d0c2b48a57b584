import { FirstSchema1700000000000 } from './migrations/1700000000000-first-schema.ts';

/** Every change of the schema, oldest first. One that was released is never edited; the next is added below. */
export const MIGRATIONS = [FirstSchema1700000000000];

/** Where a database keeps which of them it has seen. */
export const MIGRATIONS_TABLE = 'migration';
