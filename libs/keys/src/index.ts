/** The keys: slots and the seal's life, and the keyring that everything stored is sealed under. */
export { KeysError, type KeysCode } from './errors.ts';
export { Keyring, type NewNamespace, type RecordKind } from './keyring.ts';
export { KeyringHolder } from './keyring-holder.ts';
export { createKeyring, type NewKeyring } from './keyring-rows.ts';
export { LogKeys, type LogSigner } from './log-keys.ts';
export { NamespaceKeys } from './namespace-keys.ts';
export { SlotFileStore } from './slot-file-store.ts';
export { UnsealedPart } from './unsealed-part.ts';
export { VaultDatabase } from './vault-database.ts';
