import { BadRequestException, NotFoundException, PayloadTooLargeException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { AuthzError } from '#authz';
import { ContractError } from '#contract';
import { CryptoError } from '#crypto';
import { SecretsError } from '#secrets';
import { StorageError } from '#storage';
import { findProblem } from './error-table.ts';
import { Refusal } from './http/refusal.ts';

describe('the error table', () => {
  it("answers a room's error with its own problem, and takes it as recorded", () => {
    expect(findProblem(new AuthzError('denied'))).toMatchObject({ code: 'denied', recorded: true });
    expect(findProblem(new SecretsError('conflict', 'a hint'))).toMatchObject({ code: 'conflict', hint: 'a hint', recorded: true });
    expect(findProblem(new CryptoError('authentication_failed'))).toMatchObject({ code: 'integrity_failed', recorded: true });
    expect(findProblem(new StorageError('authority_rolled_back'))).toMatchObject({ code: 'authority_rolled_back' });
  });

  it('has what the edge refuses recorded where it is answered', () => {
    expect(findProblem(new Refusal('sealed'))).toMatchObject({ code: 'sealed', recorded: false });
    expect(findProblem(new ContractError('duplicate_key'))).toMatchObject({ code: 'duplicate_key', recorded: false });
  });

  it("keeps of Nest's and Fastify's errors the status alone", () => {
    expect(findProblem(new NotFoundException('CANARY'))).toEqual({ code: 'unknown_route', recorded: false });
    expect(findProblem(new BadRequestException('CANARY'))).toEqual({ code: 'malformed_request', recorded: false });
    expect(findProblem(new PayloadTooLargeException('CANARY'))).toEqual({ code: 'body_too_large', recorded: false });
  });

  it('knows nothing of any other error', () => {
    expect(findProblem(new TypeError('CANARY'))).toEqual({ code: 'internal_error', recorded: false });
    expect(findProblem('CANARY')).toEqual({ code: 'internal_error', recorded: false });
  });
});
