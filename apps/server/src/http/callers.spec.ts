import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { ANONYMOUS } from '#identity';
import { TestAuthority, type TestCertificate } from '../../../../test/support/certificates.ts';
import { FakeAuthenticator } from '../../../../test/support/fake-authenticator.ts';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { Connection, type ListenerName } from '../connections.ts';
import { Callers } from './callers.ts';
import { CertificateStrategy } from './certificate.strategy.ts';
import { SessionStrategy } from './session.strategy.ts';
import { Strategies } from './strategies.ts';
import { TokenStrategy } from './token.strategy.ts';

const API = new FakeAuthenticator().api;

let leaf: TestCertificate;
beforeAll(async () => {
  leaf = await (await TestAuthority.root('root')).workload(API.id);
});

function scene(listener: ListenerName = 'workload') {
  const authenticator = new FakeAuthenticator();
  const clock = new FakeClock(new Date().toISOString());
  const strategies = new Strategies(
    new CertificateStrategy(authenticator),
    new SessionStrategy(authenticator),
    new TokenStrategy(authenticator),
  );
  const callers = new Callers(authenticator, strategies, clock);
  const socket = new TLSSocket(new Socket());
  const connection = new Connection(listener, socket);
  const ask = async (headers: Record<string, string> = {}) => {
    const message = new IncomingMessage(socket);
    message.headers = headers;
    return callers.callerOf(message, connection);
  };
  const present = (verified = true) => {
    socket.getPeerX509Certificate = () => leaf.certificate;
    socket.authorized = verified;
  };
  return { authenticator, clock, connection, ask, present };
}

describe('the callers', () => {
  it('are nobody on the operator listener without a credential, and refused on the other', async () => {
    expect(await scene('operator').ask()).toBe(ANONYMOUS);
    await expect(scene('workload').ask()).rejects.toMatchObject({ code: 'certificate_refused', detail: { recordedAs: 'no_certificate' } });
  });

  it('take a certificate once per connection', async () => {
    const { authenticator, ask, present } = scene();
    present();
    expect([await ask(), await ask(), await ask()]).toEqual([API, API, API]);
    expect(authenticator.looks).toBe(1);
  });

  it('look again when the authority has changed, and refuse what it no longer accepts', async () => {
    const { authenticator, ask, present } = scene();
    present();
    await ask();
    authenticator.revision += 1;
    expect(await ask()).toEqual(API);
    authenticator.revision += 1;
    authenticator.defect = 'revoked';
    await expect(ask()).rejects.toMatchObject({ detail: { hint: 'revoked', credential: expect.stringMatching(/^sha256:/) } });
    await expect(ask()).rejects.toMatchObject({ code: 'certificate_refused' });
  });

  it('look again once the certificate has ended, on an open connection too', async () => {
    const { authenticator, clock, connection, ask, present } = scene();
    present();
    await ask();
    clock.advance(connection.callerUntil - clock.now().getTime());
    await ask();
    expect(authenticator.looks).toBe(2);
  });

  it('refuse what OpenSSL did not verify', async () => {
    const { ask, present } = scene();
    present(false);
    await expect(ask()).rejects.toMatchObject({ detail: { recordedAs: 'unverified' } });
  });

  it('take a session or an operator token, and nothing else, from the header', async () => {
    const { ask } = scene('operator');
    expect(await ask({ authorization: 'Bearer hfs_good' })).toMatchObject({ id: 'alice', method: 'session' });
    expect(await ask({ authorization: 'Bearer hfo_good' })).toMatchObject({ id: '(first)', method: 'token' });
    for (const authorization of [
      '',
      'Bearer hfs_bad',
      'Basic YTpi',
      'Bearer hfe_good',
      'Bearer hfb_good',
      'Bearer hfo_good hfs_good',
      'bearer hfs_good',
      'Bearer hfs_good, Bearer hfs_good',
    ]) {
      await expect(ask({ authorization })).rejects.toMatchObject({ code: 'session_refused' });
    }
  });

  it('say of an operator token that it is refused, and never look at it where a certificate is required', async () => {
    const refusal = { code: 'token_refused' };
    await expect(scene('operator').ask({ authorization: 'Bearer hfo_bad' })).rejects.toMatchObject(refusal);
    const onWorkloads = scene('workload').ask({ authorization: 'Bearer hfo_good' });
    await expect(onWorkloads).rejects.toMatchObject({ detail: { recordedAs: 'no_certificate' } });
  });

  it('refuse two credentials, also on a connection whose caller is known', async () => {
    const { ask, present } = scene();
    present();
    await ask();
    for (const authorization of ['Bearer hfs_good', 'Bearer hfo_good']) {
      await expect(ask({ authorization })).rejects.toMatchObject({ code: 'several_credentials' });
    }
  });
});
