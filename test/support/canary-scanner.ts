/** Something that must not be found where it was not given out. */
export interface Canary {
  /** What it is, for people. */
  readonly label: string;
  readonly text: string;
}

/** Bytes that a server left somewhere. */
export interface Source {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The forms in which a text hides in bytes: as it is, and in whatever a program may have made of it on its way. */
const ENCODINGS: Readonly<Record<string, (text: string) => readonly Buffer[]>> = {
  plain: (text) => [Buffer.from(text)],
  JSON: (text) => [Buffer.from(JSON.stringify(text).slice(1, -1))],
  'UTF-16': (text) => [Buffer.from(text, 'utf16le')],
  hex: (text) => [Buffer.from(Buffer.from(text).toString('hex')), Buffer.from(Buffer.from(text).toString('hex').toUpperCase())],
  base64: (text) => base64Of(text, 'base64'),
  base64url: (text) => base64Of(text, 'base64url'),
  URL: (text) => [Buffer.from(encodeURIComponent(text)), Buffer.from(percentEncoded(text))],
};

/** Every canary that is in one of the sources in some form, as `label in source (encoding)`. */
export function findCanaries(canaries: readonly Canary[], sources: readonly Source[]): string[] {
  return canaries.flatMap(({ label, text }) =>
    Object.entries(ENCODINGS).flatMap(([encoding, encode]) => {
      const forms = encode(text);
      return sources
        .filter(({ bytes }) => forms.some((form) => bytes.includes(form)))
        .map(({ name }) => `${label} in ${name} (${encoding})`);
    }),
  );
}

/** Base64 looks different at each of the three places that a text can begin at. What depends on its neighbours is left out. */
function base64Of(text: string, encoding: 'base64' | 'base64url'): Buffer[] {
  return [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]);
    const whole = padded.length - (padded.length % 3);
    return Buffer.from(padded.toString(encoding, 0, whole).slice(offset === 0 ? 0 : 4));
  });
}

function percentEncoded(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
