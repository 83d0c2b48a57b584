/** Where the slot file lies: outside the database, which needs it to be opened. */
export abstract class SlotFileStore {
  /** Its text, or undefined when there is none. Only its absence is `undefined`: an error is thrown. */
  abstract read(): Promise<string | undefined>;

  /**
   * Replaces it in one step: after a crash at any moment there is all of the old or all of the new. When it returns, the new one
   * is on stable storage, for its owner alone (0600).
   */
  abstract write(text: string): Promise<void>;
}
