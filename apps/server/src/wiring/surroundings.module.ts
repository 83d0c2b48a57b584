import type { DynamicModule } from '@nestjs/common';
import { Outbound } from '#access';
import { Clock } from '#identity';
import type { Settings } from '#settings';
import type { DatabaseLock } from '#storage';
import { Connections } from '../connections.ts';
import type { Edge } from '../http/edge.ts';
import { Lifecycle } from '../lifecycle.ts';
import { Log } from '../log.ts';
import { HttpsOutbound } from '../outbound.ts';
import { RequestIds } from '../request-ids.ts';

/** What the process hands to the machine: what it was told, the time, and what was there before the machine. */
export interface Surroundings {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly lock: DatabaseLock;
  readonly connections: Connections;
  readonly ids: RequestIds;
  readonly edge: Edge;
  /** Something after which nothing the server says can be trusted: it ends the process. */
  readonly fatal: (error: Error) => void;
}

class SurroundingsModule {}

/** What every other module may ask for. */
export function surroundingsModule({ clock, log, connections, ids }: Surroundings): DynamicModule {
  return {
    module: SurroundingsModule,
    providers: [
      { provide: Clock, useValue: clock },
      { provide: Log, useValue: log },
      { provide: Connections, useValue: connections },
      { provide: RequestIds, useValue: ids },
      { provide: Outbound, useValue: new HttpsOutbound() },
      Lifecycle,
    ],
    exports: [Clock, Log, Connections, RequestIds, Outbound, Lifecycle],
  };
}
