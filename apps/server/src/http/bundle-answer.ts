import { hash } from 'node:crypto';
import type { ItemResult } from '#authz';
import { environmentOf, formatEnvironment, PROBLEMS, type EnvironmentSource } from '#contract';
import type { SecretData, SecretValue } from '#secrets';
import { findProblem } from '../error-table.ts';
import { Refusal } from './refusal.ts';

const TYPES = ['application/json', 'text/x-dotenv', 'text/x-shellscript'] as const;

/** What a bundle can be written as. */
export type BundleType = (typeof TYPES)[number];

type Items = readonly ItemResult<SecretValue>[];

/** The first type that is accepted (RFC 9110, section 12.5.1; weights are not looked at). @throws Refusal `not_acceptable` */
export function bundleType(accept = '*/*'): BundleType {
  for (const range of accept.split(',')) {
    const name = range.split(';', 1).join().trim().toLowerCase();
    const type = TYPES.find((type) => name === '*/*' || name === type || (name.endsWith('/*') && type.startsWith(name.slice(0, -1))));
    if (type !== undefined) return type;
  }
  throw new Refusal('not_acceptable', { hint: TYPES.join(', ') });
}

/**
 * A bundle on its way out; the values it was made from are wiped. As environment it is whole or not at all, since a missing variable
 * would go unnoticed.
 *
 * @throws what an item failed with, unless it is JSON; ContractError where a value can't be a variable
 */
export function bundleAnswer(items: Items, type: BundleType): { readonly body: Buffer; readonly etag: string } {
  try {
    const body = type === 'application/json' ? jsonOf(items) : environment(items, type);
    return { body, etag: etagOf(items, type) };
  } finally {
    for (const item of items) if (item.ok) item.answer.value.wipe();
  }
}

/** Values go in as the bytes that were opened, neither parsed nor made strings. */
function jsonOf(items: Items): Buffer {
  const parts = items.flatMap((item, at) => [Buffer.from(at === 0 ? '' : ','), ...itemParts(item)]);
  return Buffer.concat([Buffer.from('{"items":['), ...parts, Buffer.from(']}')]);
}

function itemParts(item: ItemResult<SecretValue>): Buffer[] {
  if (!item.ok) {
    const { code } = findProblem(item.error);
    return [Buffer.from(JSON.stringify({ path: item.resource, status: PROBLEMS[code].status, code }))];
  }
  const { path, version, value } = item.answer;
  return [Buffer.from(`${JSON.stringify({ path, status: 200, version }).slice(0, -1)},`), value.bytes.subarray(1)];
}

function environment(items: Items, type: BundleType): Buffer {
  const sources = items.map((item): EnvironmentSource => {
    if (!item.ok) throw item.error;
    const { data }: SecretData = JSON.parse(item.answer.value.bytes.toString());
    return { path: item.resource, data };
  });
  return Buffer.from(formatEnvironment(environmentOf(sources), type === 'text/x-dotenv' ? 'dotenv' : 'shell'));
}

/** Changes whenever an item's own tag, or what became of it, does, and differs by type. */
function etagOf(items: Items, type: BundleType): string {
  const tags = items.map((item) => [item.resource, item.ok ? item.answer.etag : findProblem(item.error).code]);
  return `"${hash('sha256', JSON.stringify([type, tags]), 'base64url')}"`;
}
