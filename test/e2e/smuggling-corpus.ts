import { message } from './wire.ts';

/** A message that two parsers could read differently, with a request hidden in it. */
export interface Smuggler {
  readonly name: string;
  readonly bytes: string;
}

/** What is hidden: whoever is handed this as a request of its own has been fooled. */
export const HIDDEN = '/api/v1/secrets/app1/hidden';
const SMUGGLED = message(`GET ${HIDDEN} HTTP/1.1`, ['Host: localhost']);

/** What carries it: an honest request that takes a body, on a connection that stays open. */
const CARRIER = 'POST /api/v1/bundle HTTP/1.1';
const OWN = ['Host: localhost', 'Content-Type: application/json'];
const CHUNKED = 'Transfer-Encoding: chunked';
const LAST_CHUNK = '0\r\n\r\n';
const JSON_CHUNK = '2\r\n{}\r\n';

/** The hidden request in the part that only one of two readings takes for the body (CL.TE, TE.CL, TE.TE). */
function carried(name: string, headers: readonly string[], body: string): Smuggler {
  return { name, bytes: message(CARRIER, [...OWN, ...headers], body) };
}

const afterChunks = `${JSON_CHUNK}${LAST_CHUNK}${SMUGGLED}`;
const inChunk = `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n${LAST_CHUNK}`;

const BOTH_LENGTHS: readonly Smuggler[] = [
  carried('CL.TE: a length over everything, chunks that end before', [`Content-Length: ${afterChunks.length}`, CHUNKED], afterChunks),
  carried('CL.TE: the same, the coding first', [CHUNKED, `Content-Length: ${afterChunks.length}`], afterChunks),
  carried('TE.CL: a length of four, a chunk over everything', ['Content-Length: 4', CHUNKED], inChunk),
  carried('TE.CL: the same, the coding first', [CHUNKED, 'Content-Length: 4'], inChunk),
  carried('TE.CL: a length of zero beside chunks', ['Content-Length: 0', CHUNKED], inChunk),
  carried('CL.TE: a length in other letters', ['content-length: 0', 'TRANSFER-ENCODING: chunked'], inChunk),
];

const CODINGS: Readonly<Record<string, readonly string[]>> = {
  'an unknown coding': ['Transfer-Encoding: xchunked'],
  'a coding that ends in chunked': ['Transfer-Encoding: notchunked'],
  'a coding cut short': ['Transfer-Encoding: chunke'],
  'chunked and then another': ['Transfer-Encoding: chunked, identity'],
  'chunked after another': ['Transfer-Encoding: identity, chunked'],
  'chunked after gzip': ['Transfer-Encoding: gzip, chunked'],
  'chunked twice in a list': ['Transfer-Encoding: chunked, chunked'],
  'chunked twice': [CHUNKED, CHUNKED],
  'chunked and then identity, in two headers': [CHUNKED, 'Transfer-Encoding: identity'],
  'identity and then chunked, in two headers': ['Transfer-Encoding: identity', CHUNKED],
  'chunked and then an unknown one, in two headers': [CHUNKED, 'Transfer-Encoding: x'],
  'an empty coding': ['Transfer-Encoding:'],
  'a list that begins with nothing': ['Transfer-Encoding: , chunked'],
  'a coding in quotes': ['Transfer-Encoding: "chunked"'],
  'a coding with a parameter': ['Transfer-Encoding: chunked;q=1'],
  'a coding after a vertical tab': ['Transfer-Encoding: \x0bchunked'],
  'a coding before a vertical tab': ['Transfer-Encoding: chunked\x0b'],
  'a coding after NUL': ['Transfer-Encoding: \0chunked'],
  'a coding before NUL': ['Transfer-Encoding: chunked\0'],
  'a coding after a byte that is no letter': ['Transfer-Encoding: \xffchunked'],
  'a coding on a folded line': ['Transfer-Encoding:\r\n chunked'],
  'a coding on a line folded by a tab': ['Transfer-Encoding:\r\n\tchunked'],
  'a space before the colon of the coding': ['Transfer-Encoding : chunked'],
  'a tab before the colon of the coding': ['Transfer-Encoding\t: chunked'],
  'a space before the coding header': [' Transfer-Encoding: chunked'],
  'a coding header behind a bare LF': ['X: y\nTransfer-Encoding: chunked'],
  'a coding header behind a bare CR': ['X: y\rTransfer-Encoding: chunked'],
  'a coding header behind NUL': ['\0Transfer-Encoding: chunked'],
};

const LENGTHS: Readonly<Record<string, readonly string[]>> = {
  'two lengths': ['Content-Length: 2', `Content-Length: ${2 + SMUGGLED.length}`],
  'two lengths, the other way round': [`Content-Length: ${2 + SMUGGLED.length}`, 'Content-Length: 2'],
  'the same length twice': ['Content-Length: 2', 'Content-Length: 2'],
  'a list of lengths': ['Content-Length: 2, 2'],
  'a list of different lengths': [`Content-Length: 2, ${2 + SMUGGLED.length}`],
  'a signed length': ['Content-Length: +2'],
  'a negative length': ['Content-Length: -2'],
  'a length in hexadecimal': ['Content-Length: 0x2'],
  'a length with a fraction': ['Content-Length: 2.0'],
  'a length with an exponent': ['Content-Length: 2e0'],
  'a length in quotes': ['Content-Length: "2"'],
  'a length with a space within': ['Content-Length: 2 0'],
  'a length with a letter': ['Content-Length: 2a'],
  'an empty length': ['Content-Length:'],
  'a length beyond 64 bits': ['Content-Length: 18446744073709551618'],
  'a length in other digits': ['Content-Length: \xd9\xa2'],
  'a length before NUL': ['Content-Length: 2\0'],
  'a space before the colon of the length': ['Content-Length : 2'],
  'a length on a folded line': ['Content-Length:\r\n 2'],
  'a second length on a folded line': ['Content-Length: 2\r\n 0'],
  'a length header behind a bare CR': ['X: y\rContent-Length: 2'],
  'a length header behind a bare LF': ['X: y\nContent-Length: 2'],
  'a length with an underscore in its name': ['Content_Length: 2', CHUNKED, 'Content-Length: 2'],
};

const CHUNKS: Readonly<Record<string, string>> = {
  'a size in hexadecimal with its prefix': `0x2\r\n{}\r\n${LAST_CHUNK}`,
  'a signed size': `+2\r\n{}\r\n${LAST_CHUNK}`,
  'a negative size': `-2\r\n{}\r\n${LAST_CHUNK}`,
  'a size with an underscore': `0_2\r\n{}\r\n${LAST_CHUNK}`,
  'a size that is none': `z\r\n{}\r\n${LAST_CHUNK}`,
  'a size beyond 64 bits': `10000000000000002\r\n{}\r\n${LAST_CHUNK}`,
  'an empty size': `\r\n{}\r\n${LAST_CHUNK}`,
  'a space before a size': ` 2\r\n{}\r\n${LAST_CHUNK}`,
  'a bare LF after a size': `2\n{}\r\n${LAST_CHUNK}`,
  'a bare CR after a size': `2\r{}\r\n${LAST_CHUNK}`,
  'a bare LF in an extension': `2;a\nb\r\n{}\r\n${LAST_CHUNK}`,
  'a bare LF after a chunk': `2\r\n{}\n${LAST_CHUNK}`,
  'nothing after a chunk': `2\r\n{}${LAST_CHUNK}`,
  'more than its size': `2\r\n{}{}\r\n${LAST_CHUNK}`,
  'an end of bare LFs': '2\r\n{}\r\n0\n\n',
  'an end of CR, LF and CR': '2\r\n{}\r\n0\r\n\rX',
  'NUL in a size': `2\0\r\n{}\r\n${LAST_CHUNK}`,
};

const HEADS: Readonly<Record<string, string>> = {
  'no host': message('GET /api/v1/system/status HTTP/1.1'),
  'two hosts': message('GET /api/v1/system/status HTTP/1.1', ['Host: localhost', 'Host: other']),
  'the same host twice': message('GET /api/v1/system/status HTTP/1.1', ['Host: localhost', 'Host: localhost']),
  'a header without a name': message('GET /api/v1/system/status HTTP/1.1', ['Host: localhost', ': x']),
  'a header without a colon': message('GET /api/v1/system/status HTTP/1.1', ['Host: localhost', 'X']),
  'a name with a space': message('GET /api/v1/system/status HTTP/1.1', ['Host: localhost', 'X Y: z']),
  'a name with a letter that no token has': message('GET /api/v1/system/status HTTP/1.1', ['Host: localhost', 'X\xe9: z']),
  'a name with a bracket': message('GET /api/v1/system/status HTTP/1.1', ['Host: localhost', 'X(Y): z']),
  'NUL in a value': message('GET /api/v1/system/status HTTP/1.1', ['Host: localhost', 'X: y\0z']),
  'NUL in a name': message('GET /api/v1/system/status HTTP/1.1', ['Host: localhost', 'X\0Y: z']),
  'a control character in a value': message('GET /api/v1/system/status HTTP/1.1', ['Host: localhost', 'X: \x01']),
  'a folded value': message('GET /api/v1/system/status HTTP/1.1', ['Host: localhost', 'X: y\r\n z']),
  'a folded first header': message('GET /api/v1/system/status HTTP/1.1', [' Host: localhost']),
  'a head of bare LFs': 'GET /api/v1/system/status HTTP/1.1\nHost: localhost\n\n',
  'a head of bare CRs': 'GET /api/v1/system/status HTTP/1.1\rHost: localhost\r\r',
  'an end of LF and CR': 'GET /api/v1/system/status HTTP/1.1\r\nHost: localhost\n\r\n\r',
  'an end of CR, LF and CR': 'GET /api/v1/system/status HTTP/1.1\r\nHost: localhost\r\n\rX: y\r\n\r\n',
  'a body where none belongs': message('GET /api/v1/system/status HTTP/1.1', ['Host: localhost', `Content-Length: ${SMUGGLED.length}`]),
  'chunks where none belong': message('GET /api/v1/system/status HTTP/1.1', ['Host: localhost', CHUNKED], inChunk),
  'NUL in the request line': message('GET /api/v1/system/status\0 HTTP/1.1', ['Host: localhost']),
  'a tab in the request line': message('GET\t/api/v1/system/status\tHTTP/1.1', ['Host: localhost']),
  'a bare CR in the request line': message('GET /api/v1/system/status\r HTTP/1.1', ['Host: localhost']),
  'a space after the version': message('GET /api/v1/system/status HTTP/1.1 ', ['Host: localhost']),
  'two versions': message('GET /api/v1/system/status HTTP/1.1 HTTP/1.1', ['Host: localhost']),
  'no version': message('GET /api/v1/system/status', ['Host: localhost']),
  'version 1.0': message('GET /api/v1/system/status HTTP/1.0', ['Host: localhost', 'Connection: keep-alive']),
  'version 1.2': message('GET /api/v1/system/status HTTP/1.2', ['Host: localhost']),
  'version 2.0': message('GET /api/v1/system/status HTTP/2.0', ['Host: localhost']),
  'version 01.1': message('GET /api/v1/system/status HTTP/01.1', ['Host: localhost']),
  'a version in small letters': message('GET /api/v1/system/status http/1.1', ['Host: localhost']),
  'another protocol': message('GET /api/v1/system/status RTSP/1.0', ['Host: localhost']),
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'an upgrade to HTTP/2': message('GET /api/v1/system/status HTTP/1.1', [
    'Host: localhost',
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
  ]),
  'an upgrade to web sockets': message('GET /api/v1/system/status HTTP/1.1', [
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
  ]),
  'an expectation that nobody knows': message(CARRIER, [...OWN, 'Content-Length: 2', 'Expect: 200-ok'], '{}'),
};

/** Every message ends in the request that is hidden in it. */
export const CORPUS: readonly Smuggler[] = [
  ...BOTH_LENGTHS,
  ...Object.entries(CODINGS).map(([name, headers]) => carried(`TE: ${name}`, headers, afterChunks)),
  ...Object.entries(CODINGS).map(([name, headers]) => carried(`TE and CL: ${name}`, ['Content-Length: 2', ...headers], `{}${SMUGGLED}`)),
  ...Object.entries(LENGTHS).map(([name, headers]) => carried(`CL: ${name}`, headers, `{}${SMUGGLED}`)),
  ...Object.entries(CHUNKS).map(([name, body]) => carried(`chunks: ${name}`, [CHUNKED], body + SMUGGLED)),
  ...Object.entries(HEADS).map(([name, head]) => ({ name: `head: ${name}`, bytes: head + SMUGGLED })),
];
