import { AccessError, RevokeIdentity, RolePolicy } from '#access';
import { type Committed, Committer, type Role, type Submission } from '#authz';
import { bootstrapTokenStoreContract } from '../contracts/bootstrap-token-store.contract.ts';
import { authenticatorContract } from '../contracts/authenticator.contract.ts';
import { committerContract } from '../contracts/committer.contract.ts';
import { keyFileContract } from '../contracts/key-file.contract.ts';
import { logStoreContract } from '../contracts/log-store.contract.ts';
import { policyContract } from '../contracts/policy.contract.ts';
import { logReaderContract, readerContract } from '../contracts/reader.contract.ts';
import { slotFileStoreContract } from '../contracts/slot-file-store.contract.ts';
import { unsealJournalContract } from '../contracts/unseal-journal.contract.ts';
import { vaultDatabaseContract } from '../contracts/vault-database.contract.ts';
import { AuthorityBench, REQUEST } from './authority-bench.ts';
import { TestAuthority } from './certificates.ts';
import { type LogBench, Observed, type RowBench } from './database-bench.ts';
import { FakeAuthenticator } from './fake-authenticator.ts';
import { FakeCommitter } from './fake-committer.ts';
import { FakeLog } from './fake-log.ts';
import { FakePolicy } from './fake-policy.ts';
import { FakeReader } from './fake-reader.ts';
import { FakeJournal, FakeKeyFile, FakeSlotFileStore, FakeTokenStore, FakeVaultDatabase } from './fake-vault-ports.ts';
import { MemoryLog } from './memory-log.ts';

/** The fakes keep what the ports promise, as the adapters do in their rooms: a spec that passes over a fake says something. */

readerContract('the fakes', rows);
committerContract('the fakes', rows);
logReaderContract('the log in memory', log);
logStoreContract('the log in memory', log);
vaultDatabaseContract('the fakes', () => new FakeVaultDatabase());
slotFileStoreContract('the fakes', inMemory(FakeSlotFileStore));
bootstrapTokenStoreContract('the fakes', inMemory(FakeTokenStore));
unsealJournalContract('the fakes', inMemory(FakeJournal));

keyFileContract('the fakes', () => {
  const file = new FakeKeyFile();
  return { file, none: new FakeKeyFile(), put: (content) => void (file.content = content) };
});

policyContract('the fakes', () => {
  const policy = new FakePolicy();
  const caller = new FakeAuthenticator().api;
  const roles = new Map<string, Role>();
  const apply = (role: Role): void => policy.replace([...roles.set(role.role, role).values()]);
  return Promise.resolve({ policy, caller, apply, takeBack: () => void (policy.lapse = new AccessError('certificate_refused')) });
});

policyContract('the authority', async () => {
  const bench = await AuthorityBench.initialized();
  const spiffeId = 'spiffe://acme.internal/ns/z/sa/any';
  const caller = bench.authenticator.workload([(await bench.certificateOf(spiffeId)).certificate]);
  const revoke = new RevokeIdentity(bench.gate, bench.authority, bench.clock);
  const takeBack = async (): Promise<void> => revoke.perform(await bench.administrator(), { spiffeId }, REQUEST);
  return { policy: new RolePolicy(bench.authority), caller, apply: (role) => bench.plantRole(role), takeBack };
});

authenticatorContract('the fakes', async () => {
  const authenticator = new FakeAuthenticator();
  const { certificate } = await (await TestAuthority.root('root')).workload(authenticator.api.id);
  return { authenticator, certificate, spiffeId: authenticator.api.id, session: 'hfs_good', operator: 'alice', token: 'hfo_good' };
});

authenticatorContract('the authority', async () => {
  const bench = await AuthorityBench.initialized();
  const { authenticator, operatorToken: token } = bench;
  const spiffeId = 'spiffe://acme.internal/ns/a/sa/one';
  const { certificate } = await bench.certificateOf(spiffeId);
  return { authenticator, certificate, spiffeId, session: bench.plantSession('alice'), operator: 'alice', token };
});

function rows(): Promise<RowBench> {
  const committer = new FakeCommitter();
  const observed = new Observed();
  committer.observers.push(observed);
  const recorded = (): Promise<string[]> => Promise.resolve(committer.entries.map(({ requestId }) => requestId));
  return Promise.resolve({ committer, reader: new FakeReader(committer), observed: observed.writes, recorded });
}

/** The log in memory takes only what its writer prepared. */
class LogOnly extends Committer {
  readonly log = new FakeLog();
  readonly store = new MemoryLog();

  commit({ entries }: Submission): Promise<Committed> {
    this.store.commit(this.log.prepare(entries, Buffer.alloc(32)));
    return Promise.resolve('committed');
  }
}

function log(): Promise<LogBench> {
  const committer = new LogOnly();
  const { log, store } = committer;
  const signNow = (): Promise<void> => {
    const checkpoint = log.checkpoint();
    if (checkpoint !== undefined) store.checkpoints.push(checkpoint);
    return Promise.resolve();
  };
  return Promise.resolve({ committer, reader: store.reader, logStore: store, signNow });
}

/** One that outlives a restart: there is nothing beneath it to be made anew over. */
function inMemory<Store>(Fake: new () => Store): () => () => Store {
  return () => {
    const store = new Fake();
    return () => store;
  };
}
