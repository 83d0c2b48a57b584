import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  `CREATE TABLE record (
     kind TEXT NOT NULL, key TEXT NOT NULL, rev INTEGER NOT NULL CHECK (rev > 0), wrapped BLOB, sealed BLOB NOT NULL,
     PRIMARY KEY (kind, key)) STRICT`,
  `CREATE TABLE audit_segment (id INTEGER NOT NULL PRIMARY KEY, wrapped BLOB NOT NULL) STRICT`,
  `CREATE TABLE audit_batch (
     first_index INTEGER NOT NULL PRIMARY KEY CHECK (first_index >= 0), count INTEGER NOT NULL CHECK (count > 0),
     segment INTEGER NOT NULL REFERENCES audit_segment (id), sealed BLOB NOT NULL) STRICT`,
  `CREATE TABLE audit_checkpoint (size INTEGER NOT NULL PRIMARY KEY CHECK (size > 0), note TEXT NOT NULL) STRICT`,
];

/** The log only grows. `REPLACE` deletes without firing a delete trigger, so an insert over what is there is refused as well. */
const GUARDS = [
  refuse('audit_batch', 'UPDATE ON'),
  refuse('audit_batch', 'DELETE ON'),
  refuse('audit_batch', 'INSERT ON', 'EXISTS (SELECT 1 FROM audit_batch WHERE first_index >= NEW.first_index)'),
  refuse('audit_checkpoint', 'UPDATE ON'),
  refuse('audit_checkpoint', 'DELETE ON'),
  refuse('audit_checkpoint', 'INSERT ON', 'EXISTS (SELECT 1 FROM audit_checkpoint WHERE size >= NEW.size)'),
  refuse('audit_segment', 'UPDATE OF id ON'),
  refuse('audit_segment', 'DELETE ON'),
  refuse('audit_segment', 'INSERT ON', 'EXISTS (SELECT 1 FROM audit_segment WHERE id >= NEW.id)'),
];

function refuse(table: string, event: string, condition?: string): string {
  const name = `${table}_refuses_${event.split(' ')[0]?.toLowerCase()}`;
  const when = condition ? `WHEN ${condition} ` : '';
  return `CREATE TRIGGER ${name} BEFORE ${event} ${table} ${when}BEGIN SELECT RAISE(ABORT, '${table} only grows'); END`;
}

export class FirstSchema1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...TABLES, ...GUARDS]) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('a log is never taken down');
  }
}
