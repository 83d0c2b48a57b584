import type { DynamicModule } from '@nestjs/common';
import { Authority } from '#access';
import { Gate } from '#authz';
import { Clock } from '#identity';
import { Connections } from '../connections.ts';
import { ExpiryWatch } from '../expiry-watch.ts';
import { FoldedEntries } from '../folded-entries.ts';
import { RefusalRecorder } from '../http/refusal-recorder.ts';
import { refuseUnparsed } from '../http/unparsed-requests.ts';
import { Listeners, TlsListener, type RequestSink } from '../listeners.ts';
import { Log } from '../log.ts';
import { RequestIds } from '../request-ids.ts';
import { ServerCertificate } from '../server-certificate.ts';
import { WorkloadDoor } from '../workload-door.ts';
import type { Surroundings } from './surroundings.module.ts';

class ListenersModule {}

/** Both TLS listeners, what the server proves itself with, and what opens and closes with the seal. */
export function listenersModule(given: Surroundings, ...imports: DynamicModule[]): DynamicModule {
  return {
    module: ListenersModule,
    imports,
    providers: [
      RefusalRecorder,
      {
        provide: Listeners,
        inject: [Connections, RefusalRecorder, RequestIds],
        useFactory: (connections: Connections, recorder: RefusalRecorder, ids: RequestIds) =>
          listenersOf(given, { connections, recorder, ids }),
      },
      {
        provide: ServerCertificate,
        inject: [Clock, Log],
        useFactory: (clock: Clock, log: Log) => new ServerCertificate(given.settings, clock, log),
      },
      {
        provide: WorkloadDoor,
        inject: [Listeners, ServerCertificate, Authority, Log],
        useFactory: (listeners: Listeners, certificate: ServerCertificate, authority: Authority, log: Log) =>
          new WorkloadDoor(listeners, certificate, authority, log),
      },
      {
        provide: ExpiryWatch,
        inject: [Authority, ServerCertificate, Clock, Log],
        useFactory: (authority: Authority, certificate: ServerCertificate, clock: Clock, log: Log) =>
          new ExpiryWatch(authority, certificate, clock, log),
      },
      { provide: FoldedEntries, inject: [Gate], useFactory: (gate: Gate) => new FoldedEntries(gate) },
    ],
    exports: [RefusalRecorder, Listeners, ServerCertificate, WorkloadDoor, ExpiryWatch, FoldedEntries],
  };
}

function listenersOf({ settings, edge }: Surroundings, known: Parameters<typeof refuseUnparsed>[2]): Listeners {
  const sink: RequestSink = {
    connections: known.connections,
    handle: edge.handle,
    refuse: (error, socket) => void refuseUnparsed(error, socket, known),
  };
  const { workload, operator } = settings.listeners;
  return new Listeners(new TlsListener('workload', workload, sink), new TlsListener('operator', operator, sink));
}
