/** One request to somebody else's server. */
export interface OutboundRequest {
  /** `https:` and nothing else. */
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM. The only authorities that the peer's certificate may come from, in place of those that the system knows. */
  readonly ca?: string;
}

/** A whole answer, of whatever status. */
export interface OutboundAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * The one way out of the server: HTTPS to what an operator has put on record, with the peer's certificate checked. A redirect is an
 * answer and is never followed. Size, time and the number of requests at once are bounded. Addresses that only ever serve the machine
 * itself are refused when connecting, whatever name they go by: link-local ones, where clouds keep their metadata, always; loopback
 * unless the request pins a CA, since then the peer proves by its key that it is meant (vulnerabilities.md, D16).
 */
export abstract class Outbound {
  /** @throws AccessError `issuer_unreachable`; its hint is one of a few fixed texts and holds nothing of the answer */
  abstract ask(request: OutboundRequest): Promise<OutboundAnswer>;
}
