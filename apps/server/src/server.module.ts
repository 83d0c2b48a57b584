import type { DynamicModule } from '@nestjs/common';
import { accessModule } from './wiring/access.module.ts';
import { auditModule } from './wiring/audit.module.ts';
import { authorityModule } from './wiring/authority.module.ts';
import { gateModule } from './wiring/gate.module.ts';
import { explainModule } from './wiring/explain.module.ts';
import { httpModule } from './wiring/http.module.ts';
import { issuanceModule } from './wiring/issuance.module.ts';
import { keysModule } from './wiring/keys.module.ts';
import { listenersModule } from './wiring/listeners.module.ts';
import { oidcModule } from './wiring/oidc.module.ts';
import { operatorsModule } from './wiring/operators.module.ts';
import { secretsModule } from './wiring/secrets.module.ts';
import { storageModule } from './wiring/storage.module.ts';
import { surroundingsModule, type Surroundings } from './wiring/surroundings.module.ts';

class ServerModule {}

/** The whole machine: each module gets the ones it may look into, and there is no other way to any part. */
export function serverModule(given: Surroundings): DynamicModule {
  const surroundings = surroundingsModule(given);
  const storage = storageModule(given);
  const authority = authorityModule(surroundings);
  const gate = gateModule(given, surroundings, storage, authority);
  const access = accessModule(given, surroundings, authority, gate);
  const issuance = issuanceModule(given, surroundings, authority, gate);
  const oidc = oidcModule(surroundings, authority, gate);
  const operators = operatorsModule(surroundings, authority, gate);
  const secrets = secretsModule(surroundings, authority, gate);
  const audit = auditModule(gate);
  const explain = explainModule(surroundings, authority, gate, audit);
  const listeners = listenersModule(given, surroundings, authority, gate);
  const keys = keysModule(given, surroundings, storage, authority, gate, listeners);
  const http = httpModule(
    given,
    surroundings,
    authority,
    gate,
    access,
    oidc,
    issuance,
    operators,
    secrets,
    audit,
    explain,
    listeners,
    keys,
  );
  return { module: ServerModule, imports: [http] };
}
