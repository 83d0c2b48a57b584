export { associatedData } from './associated-data.ts';
export { blindIndex } from './blind-index.ts';
export { canonicalBytes, canonicalJson } from './canonical.ts';
export { kekVersionOf, openOnce, sealEnvelope, unwrapDataKey, type Envelope } from './envelope.ts';
export { CryptoError, type CryptoCode } from './errors.ts';
export { constantTimeEqual, deriveKey, hmac, sha256 } from './hashes.ts';
export { SecretBytes } from './secret-bytes.ts';
export { SetDigest } from './set-digest.ts';
export { XaesKey } from './xaes.ts';
