import { AccessError } from '../errors.ts';
import { isOperatorName } from '../operators/operator-name.ts';

const TEMPLATE = /^(?<before>(?:[a-z][a-z0-9._@-]*)?)\{(?<claim>[A-Za-z_][A-Za-z0-9_]{0,63})\}(?<after>[a-z0-9._@-]*)$/;
const WORD = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/;
const ADDRESS = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

/**
 * What a provider's operators are called: `{preferred_username}`, `{email}`, `corp-{sub}`. The claim's value fills its place and nothing
 * beyond it: it is taken as it is or not at all, and brings an `@` only where the template has none of its own.
 */
export class OperatorTemplate {
  readonly claim: string;
  readonly #before: string;
  readonly #after: string;

  /** @throws AccessError `invalid_provider` */
  constructor(text: string) {
    const { before, claim, after } = TEMPLATE.exec(text)?.groups ?? {};
    if (before === undefined || claim === undefined || after === undefined || !isOperatorName(`${before}a${after}`))
      throw new AccessError('invalid_provider', 'operator: one {claim}, and around it a-z 0-9 . _ @ -, as in corp-{sub}');
    this.claim = claim;
    this.#before = before;
    this.#after = after;
  }

  /** The name that a value makes, if it makes one. */
  nameOf(value: unknown): string | undefined {
    if (typeof value !== 'string') return undefined;
    const fits = WORD.test(value) || (this.#takesAddress && ADDRESS.test(value));
    const name = `${this.#before}${value}${this.#after}`;
    return fits && isOperatorName(name) ? name : undefined;
  }

  /** Whether some value makes this name. */
  canMake(name: string): boolean {
    const { length } = name;
    if (!name.startsWith(this.#before) || !name.endsWith(this.#after) || length <= this.#before.length + this.#after.length) return false;
    return this.nameOf(name.slice(this.#before.length, length - this.#after.length)) === name;
  }

  get #takesAddress(): boolean {
    return !this.#before.includes('@') && !this.#after.includes('@');
  }
}
