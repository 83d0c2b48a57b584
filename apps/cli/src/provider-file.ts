import type { RequestOf } from '#contract';
import { Failure } from './failure.ts';
import { readDocuments } from './yaml-documents.ts';

/** A provider of a file, under its name. */
export interface NamedProvider {
  readonly name: string;
  readonly settings: RequestOf<'putProvider'>;
}

/** The providers of a YAML text, one a document. What a provider may say is the server's to check. */
export function parseProviders(text: string): NamedProvider[] {
  return readDocuments(text, 'provider').map(providerOf);
}

function providerOf(value: unknown): NamedProvider {
  if (!isNamed(value)) throw new Failure('a provider has a name', { hint: 'provider: NAME' });
  const { provider: name, ...settings } = value;
  return { name, settings };
}

/** All that the command needs of it. */
function isNamed(value: unknown): value is RequestOf<'putProvider'> & { readonly provider: string } {
  return typeof value === 'object' && value !== null && 'provider' in value && typeof value.provider === 'string';
}
