import type { DynamicModule, Type } from '@nestjs/common';
import {
  Authority,
  ChangeOperator,
  ChangePassword,
  ConfirmTotp,
  DeleteOperator,
  EndSessions,
  EnrolTotp,
  GetOperator,
  InviteOperator,
  ListOperators,
  ListSessions,
  RemoveTotp,
  ResetPassword,
  ResetTotp,
  SetPassword,
  SignIn,
  SignInAttempts,
  SignInPace,
  SignOut,
} from '#access';
import { Gate } from '#authz';
import { Clock, Passwords } from '#identity';

/** An operation, and what it is made of beside the gate, the authority and the clock. */
type Operation = new (gate: Gate, authority: Authority, clock: Clock, more: never) => object;

/** They ask for a password that is there, or make a new one. All that ask share one pace, and all that hash one queue. */
const ON_ATTEMPTS: readonly Operation[] = [EnrolTotp, RemoveTotp, SignIn];
const ON_PASSWORDS: readonly Operation[] = [SetPassword];
const OTHERS: readonly Operation[] = [
  ChangeOperator,
  ConfirmTotp,
  DeleteOperator,
  EndSessions,
  GetOperator,
  InviteOperator,
  ListOperators,
  ListSessions,
  ResetPassword,
  ResetTotp,
  SignOut,
];

class OperatorsModule {}

/** Operations on operators, and on what they come in with. */
export function operatorsModule(...imports: DynamicModule[]): DynamicModule {
  const operations = [
    ...ON_ATTEMPTS.map((operation) => provide(operation, SignInAttempts)),
    ...ON_PASSWORDS.map((operation) => provide(operation, Passwords)),
    ...OTHERS.map((operation) => provide(operation)),
  ];
  return {
    module: OperatorsModule,
    imports,
    providers: [
      { provide: Passwords, useFactory: () => new Passwords() },
      { provide: SignInPace, inject: [Clock], useFactory: (clock: Clock) => new SignInPace(clock) },
      {
        provide: SignInAttempts,
        inject: [Authority, Passwords, SignInPace],
        useFactory: (authority: Authority, passwords: Passwords, pace: SignInPace) => new SignInAttempts(authority, passwords, pace),
      },
      {
        provide: ChangePassword,
        inject: [Gate, Authority, SignInAttempts, Passwords],
        useFactory: (gate: Gate, authority: Authority, attempts: SignInAttempts, passwords: Passwords) =>
          new ChangePassword(gate, authority, attempts, passwords),
      },
      ...operations,
    ],
    exports: [ChangePassword, ...ON_ATTEMPTS, ...ON_PASSWORDS, ...OTHERS],
  };
}

function provide(operation: Operation, ...more: Type[]) {
  return {
    provide: operation,
    inject: [Gate, Authority, Clock, ...more],
    useFactory: (gate: Gate, authority: Authority, clock: Clock, made: never) => new operation(gate, authority, clock, made),
  };
}
