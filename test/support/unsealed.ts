import { Gate, parseRole } from '#authz';
import { createKeyring, KeyringHolder } from '#keys';
import { SecretLabels, SecretRecords } from '#secrets';
import { FakeClock } from './fake-clock.ts';
import { FakeCommitter } from './fake-committer.ts';
import { FakePolicy } from './fake-policy.ts';
import { FakeReader } from './fake-reader.ts';

/** An unsealed server without its edge: a real gate and real keys over a database in memory, with these roles. */
export async function unsealed(roles: readonly object[]) {
  const clock = new FakeClock();
  const committer = new FakeCommitter();
  const reader = new FakeReader(committer);
  const policy = new FakePolicy(roles.map(parseRole));
  const holder = new KeyringHolder();
  const { keyring } = await createKeyring('acme.internal', clock);
  await holder.unsealed(keyring);
  committer.observers.push(holder);
  policy.labels = new SecretLabels(new SecretRecords(holder));
  return { clock, committer, reader, policy, holder, keyring, gate: new Gate(policy, reader, committer, clock) };
}
