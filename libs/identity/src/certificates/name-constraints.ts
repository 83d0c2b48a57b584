import { Oid, type CertificateFields } from './certificate-fields.ts';
import { DerError, expectTag, readElements, readOnly, Tag, type DerElement } from './der.ts';

const PERMITTED = 0xa0;
const EXCLUDED = 0xa1;
const URI_NAME = 0x86;
const DIRECTORY_NAME = 0xa4;
const EMPTY_NAME_BYTES = 2;

/**
 * Whether a CA's name constraints (RFC 5280 §4.2.1.10) let it vouch for a certificate: the host of each of its URIs, which is the trust
 * domain, is permitted and not excluded. Constraints on another kind of name are not understood here: they forbid every name of
 * their kind, the subject among them.
 *
 * @throws DerError
 */
export function permits({ extensions }: CertificateFields, below: CertificateFields): boolean {
  const constraints = extensions.get(Oid.nameConstraints);
  if (constraints === undefined) return true;
  const fields = readElements(readOnly(constraints.value, Tag.sequence).contents);
  // RFC 5280: it is never empty.
  if (fields.length === 0) throw new DerError('no constraint');
  const permitted = basesOf(fields.find(({ tag }) => tag === PERMITTED));
  const excluded = basesOf(fields.find(({ tag }) => tag === EXCLUDED));
  const bounded = [...permitted, ...excluded];
  const names = namesOf(below);
  return names.every((name) => {
    if (name.tag !== URI_NAME) return !bounded.some(({ tag }) => tag === name.tag);
    const host = hostOf(name);
    const uris = permitted.filter(({ tag }) => tag === URI_NAME);
    return (uris.length === 0 || uris.some((base) => isWithin(host, base))) && !excluded.some((base) => isWithin(host, base));
  });
}

function basesOf(subtrees: DerElement | undefined): DerElement[] {
  if (subtrees === undefined) return [];
  return readElements(subtrees.contents).map((subtree) => {
    const [base, ...more] = readElements(expectTag(subtree, Tag.sequence).contents);
    // RFC 5280: minimum is 0, which DER leaves out, and maximum is absent.
    if (base === undefined || more.length > 0) throw new DerError('not a subtree');
    return base;
  });
}

/** All names of a certificate that constraints may speak of. */
function namesOf({ subject, extensions }: CertificateFields): Pick<DerElement, 'tag' | 'contents'>[] {
  const alternative = extensions.get(Oid.subjectAltName);
  const names = alternative === undefined ? [] : readElements(readOnly(alternative.value, Tag.sequence).contents);
  return subject.length > EMPTY_NAME_BYTES ? [...names, { tag: DIRECTORY_NAME, contents: subject }] : names;
}

function hostOf({ contents }: Pick<DerElement, 'contents'>): string {
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(contents.toString('latin1'))?.[1] ?? '';
}

/** A base that begins with a dot means the hosts below it, any other the one host. */
function isWithin(host: string, { tag, contents }: DerElement): boolean {
  const base = contents.toString('latin1').toLowerCase();
  return tag === URI_NAME && (base.startsWith('.') ? host.endsWith(base) && host.length > base.length : host === base);
}
