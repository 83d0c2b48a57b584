import { randomBytes } from 'node:crypto';

/**
 * Where a certificate of our own CA stands in its line: the first certificate of a workload and those that renewed one another. It is the
 * certificate's serial number, so that whoever has the certificate can't say anything else: 16 octets for the line, 4 for the generation.
 */
export interface LinePlace {
  /** Lower-case hex. */
  readonly line: string;
  /** From 1. */
  readonly generation: number;
}

const SERIAL = /^([4-7][0-9a-f]{31})([0-9a-f]{8})$/;

/** The name of a new line: 126 random bits. */
export function newLine(): string {
  const bytes = randomBytes(16);
  // A serial number is positive, and its first octet never zero (RFC 5280 §4.1.2.2).
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40);
  return bytes.toString('hex');
}

/** The serial number, in hex, of the certificate at this place. */
export function serialOf({ line, generation }: LinePlace): string {
  return line + generation.toString(16).padStart(8, '0');
}

/** The place that a serial number stands for, if our own CA has given it. Undefined where it is of no line. */
export function placeOf(serial: string): LinePlace | undefined {
  const [, line, generation] = SERIAL.exec(serial) ?? [];
  return line === undefined || generation === undefined ? undefined : { line, generation: Number.parseInt(generation, 16) };
}
