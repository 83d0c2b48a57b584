/** A client certificate and its key, PEM. */
export interface ClientIdentity {
  readonly cert: string;
  readonly key: string;
}

/** Where a side of a comparison listens, and whose server certificates a client believes there. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
}

/**
 * The one request that a job repeats. `{n}` in `path` becomes a name that no other request of the run has,
 * so that a write makes a new secret every time.
 */
export interface RequestShape {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: string;
}

/**
 * What every single answer must be: this status, and a body that begins and ends so and is this long. Between the two
 * lies what differs by right from answer to answer (a request id, a time), and nothing else.
 */
export interface ExpectedAnswer {
  readonly status: number;
  readonly head: string;
  readonly tail: string;
  readonly length: number;
}

/** Work for the generator: so many connections in a closed loop until the time or the number of requests is used up. */
export interface Job {
  readonly target: Target;
  readonly identities: readonly ClientIdentity[];
  readonly connections: number;
  /** Open a new connection for every request and close it after the answer. */
  readonly fresh: boolean;
  readonly request: RequestShape;
  readonly expected: ExpectedAnswer;
  readonly seconds: number;
  readonly maxRequests: number;
}

/** What one generator measured of a job. */
export interface Sample {
  /** Milliseconds of each request, from the first byte sent (cold: from the connect) to the whole answer. */
  readonly latencies: Float64Array;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** What a generator answers for a job. */
export type JobReply = { readonly ok: true; readonly sample: Sample } | { readonly ok: false; readonly error: string };
