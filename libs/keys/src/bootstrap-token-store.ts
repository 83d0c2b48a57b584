/** The token that only someone with access to the server's files can know. It lies beside the slot file, 0600, until `init`. */
export abstract class BootstrapTokenStore {
  abstract read(): Promise<string | undefined>;

  /** Durable when it returns. */
  abstract write(token: string): Promise<void>;

  /** Removes it; there being none is fine. */
  abstract remove(): Promise<void>;
}
