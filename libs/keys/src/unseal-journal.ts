/**
 * What was tried while the log was closed: a small file of lines (0600) beside the slots, entered in the log at the next
 * unsealing.
 */
export abstract class UnsealJournal {
  /** Adds a line, which holds no line break. Durable when it returns. */
  abstract append(line: string): Promise<void>;

  /** All lines, oldest first. The last one may be torn by a crash. */
  abstract read(): Promise<readonly string[]>;

  /** Removes all lines. */
  abstract clear(): Promise<void>;
}
