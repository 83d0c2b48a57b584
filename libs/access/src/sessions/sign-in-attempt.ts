import { IdentityError, PasswordError, type Passwords } from '#identity';
import type { Authority, Held } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { operatorResource } from '../operators/operator-name.ts';
import type { OperatorRecord, SecondFactorRecord } from '../authority/records.ts';
import { withCodeUsed } from '../operators/second-factor.ts';
import type { SignInPace } from './sign-in-pace.ts';

/** What was given in one request, and from where. */
interface Given {
  readonly name: string;
  readonly password: string;
  readonly peer: string;
}

/** Begins what wants a password: signing in, and whatever somebody who is in already has to give it for again. Both have one pace. */
export class SignInAttempts {
  readonly #authority: Authority;
  readonly #passwords: Passwords;
  readonly #pace: SignInPace;

  constructor(authority: Authority, passwords: Passwords, pace: SignInPace) {
    this.#authority = authority;
    this.#passwords = passwords;
    this.#pace = pace;
  }

  /** One attempt. It counts as failed until it says that it succeeded. */
  begin(given: Given): SignInAttempt {
    return new SignInAttempt(this.#authority, this.#passwords, this.#pace, given);
  }
}

/** One attempt. It may be asked again as often as the gate runs the work again: no hash is made twice. */
export class SignInAttempt {
  readonly #authority: Authority;
  readonly #passwords: Passwords;
  readonly #pace: SignInPace;
  readonly #given: Given;
  readonly #mayTry: boolean;
  #mayGuess: boolean | undefined;
  readonly #verdicts = new Map<string | undefined, Promise<boolean>>();

  constructor(authority: Authority, passwords: Passwords, pace: SignInPace, given: Given) {
    this.#authority = authority;
    this.#passwords = passwords;
    this.#pace = pace;
    this.#given = given;
    this.#mayTry = pace.begin(operatorResource(given.name), given.peer);
  }

  /**
   * Whose password it is, as it was found before anything was awaited. It takes the same whether the name exists, has a password, is
   * disabled or none of it.
   *
   * @throws AccessError `too_many_requests` whatever the password, `invalid_credentials`; IdentityError `too_many_requests`
   */
  async operator(): Promise<Held<OperatorRecord>> {
    if (!this.#mayTry) throw new AccessError('too_many_requests');
    const held = this.#authority.find('operator', this.#given.name);
    const isRight = await this.#verdict(held?.body.password);
    if (held === undefined || !isRight || held.body.disabled === true) throw new AccessError('invalid_credentials');
    return held;
  }

  /** The hash that takes the place of one that was made at another cost; undefined where there is no need, or no room to make it now. */
  async renewedHash({ name, password }: OperatorRecord): Promise<string | undefined> {
    if (password === undefined || !this.#passwords.isOutdated(password)) return undefined;
    try {
      return await this.#passwords.hash(this.#given.password, [name]);
    } catch (error) {
      // It was accepted when it was set: what has become common since, or a full queue, is no reason to keep anybody out.
      if (error instanceof PasswordError || error instanceof IdentityError) return undefined;
      throw error;
    }
  }

  /**
   * What a second factor in force is once this code of it was used. Few are tried, however many come at once.
   *
   * @throws AccessError `second_factor_required` where there is no code, `too_many_requests` whatever it is, `invalid_credentials`
   */
  useCode({ body }: Held<SecondFactorRecord>, code: string | undefined, now: Date): SecondFactorRecord {
    if (code === undefined) throw new AccessError('second_factor_required');
    this.#mayGuess ??= this.#pace.beginCode(operatorResource(this.#given.name), this.#given.peer);
    if (!this.#mayGuess) throw new AccessError('too_many_requests');
    const used = withCodeUsed(this.#authority, body, code, now);
    if (used === undefined) throw new AccessError('invalid_credentials');
    return used;
  }

  succeeded(): void {
    this.#pace.succeeded(operatorResource(this.#given.name), this.#given.peer);
  }

  #verdict(encoded: string | undefined): Promise<boolean> {
    const verdict = this.#verdicts.get(encoded) ?? this.#verify(encoded);
    this.#verdicts.set(encoded, verdict);
    return verdict;
  }

  async #verify(encoded: string | undefined): Promise<boolean> {
    try {
      return await this.#passwords.verify(encoded, this.#given.password, this.#likeness());
    } catch (error) {
      if (error instanceof PasswordError) return false;
      throw error;
    }
  }

  /**
   * A hash of which a name that does not exist takes the work. Once the cost was raised, hashes of both costs are there for a while: names
   * that do not exist are then as mixed as those that do, and each of them always the same.
   */
  #likeness(): string | undefined {
    const hashes = this.#authority.all('operator').flatMap(({ body: { password } }) => password ?? []);
    const at = Number.parseInt(this.#authority.hashOf('operator', this.#given.name).slice(0, 8), 16);
    return hashes[at % hashes.length];
  }
}
