/** One DER element: its tag octet, its contents, and all its bytes. Both are views, not copies. */
export interface DerElement {
  readonly tag: number;
  readonly contents: Buffer;
  readonly bytes: Buffer;
}

export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

/** Input that is not DER (X.690 §10): the one error of this file, without a detail that an attacker could use. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** The elements that fill `bytes` to the last one. Definite, minimal lengths and low tag numbers only. */
export function readElements(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length;) {
    const element = readElement(bytes, at);
    elements.push(element);
    at += element.bytes.length;
  }
  return elements;
}

/** The one element that `bytes` is, which must have this tag. */
export function readOnly(bytes: Buffer, tag: number): DerElement {
  const element = readElement(bytes, 0);
  if (element.bytes.length !== bytes.length) throw new DerError('trailing bytes');
  return expectTag(element, tag);
}

/** The element itself if it is there and has this tag. */
export function expectTag(element: DerElement | undefined, tag: number): DerElement {
  if (element?.tag !== tag) throw new DerError('unexpected tag');
  return element;
}

function readElement(bytes: Buffer, at: number): DerElement {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new DerError('no element');
  const lengthOctets = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + lengthOctets;
  const end = start + (lengthOctets === 0 ? first : readLongLength(bytes, at + 2, lengthOctets));
  if (end > bytes.length) throw new DerError('truncated');
  return { tag, contents: bytes.subarray(start, end), bytes: bytes.subarray(at, end) };
}

function readLongLength(bytes: Buffer, at: number, octets: number): number {
  if (octets < 1 || octets > 4 || at + octets > bytes.length) throw new DerError('bad length');
  const length = bytes.readUIntBE(at, octets);
  // DER has one form for each length: the short one below 128, and no leading zero octet.
  if (length < 0x80 || bytes[at] === 0) throw new DerError('length is not minimal');
  return length;
}
