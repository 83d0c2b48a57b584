/** Where the process is in its life. */
export class Lifecycle {
  #draining = false;

  /** Whether the process is on its way out: what is in flight ends, nothing new begins. */
  get draining(): boolean {
    return this.#draining;
  }

  drain(): void {
    this.#draining = true;
  }
}
