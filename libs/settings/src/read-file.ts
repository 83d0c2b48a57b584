import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { SettingsError } from './errors.ts';

/** The settings of a YAML file, flat, by dotted path. Lists are values. */
export function readSettingsFile(file: string): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  flatten(parseYaml(readText(file)) ?? {}, '', flat);
  return flat;
}

/** Plain YAML: no tags, no aliases, no key twice. */
function parseYaml(text: string): unknown {
  const document = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: true, customTags: [] });
  if (document.errors.length > 0 || document.warnings.length > 0)
    throw new SettingsError('malformed', placeOf(document.errors[0]?.linePos));
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw new SettingsError('malformed', 'aliases are not expanded');
  }
}

/** A file that the environment or the command names, as text. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new SettingsError('unreadable', `the system says ${reason}`);
  }
}

function flatten(value: unknown, path: string, flat: Map<string, unknown>): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    flat.set(path, value);
    return;
  }
  for (const [key, inner] of Object.entries(value)) flatten(inner, path === '' ? key : `${path}.${key}`, flat);
}

function placeOf(position: readonly { line: number; col: number }[] | undefined): string {
  const [start] = position ?? [];
  return start === undefined ? 'plain YAML 1.2 without tags' : `line ${start.line}, column ${start.col}`;
}
