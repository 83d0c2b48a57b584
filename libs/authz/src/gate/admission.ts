import type { EntryDraft } from '#audit';
import type { Recorder } from './recorder.ts';

/** Which of many refusals get an entry of their own, asked once for each: a second try counts none of them again. */
export class Admission {
  readonly #recorder: Recorder;
  readonly #asked = new Map<string, boolean>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  of(drafts: readonly EntryDraft[]): readonly EntryDraft[] {
    const fresh = drafts.filter((draft) => !this.#asked.has(keyOf(draft)));
    const own = new Set(this.#recorder.admit(fresh));
    for (const draft of fresh) this.#asked.set(keyOf(draft), own.has(draft));
    return drafts.filter((draft) => this.#asked.get(keyOf(draft)));
  }
}

function keyOf({ resource, code = '' }: EntryDraft): string {
  return `${resource} ${code}`;
}
