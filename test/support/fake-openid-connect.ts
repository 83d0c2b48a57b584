import { AccessError, OpenIdConnect, type AuthorizationAnswer, type Claims, type Flow } from '#access';

/** A provider that says of the holder of a code what a test has laid down for it, once. */
export class FakeOpenIdConnect extends OpenIdConnect {
  readonly said = new Map<string, Claims>();
  /** The flows that a browser was sent away with. */
  readonly begun: Flow[] = [];
  /** How often a code was to be redeemed. */
  redeemed = 0;
  failure: AccessError | undefined;
  /** Whatever comes between the redeeming and what is made of it. */
  meanwhile: () => void | Promise<void> = () => undefined;

  async authorizationUrl(flow: Flow): Promise<string> {
    if (this.failure) throw this.failure;
    this.begun.push(flow);
    return `${flow.provider.issuer}/authorize`;
  }

  async claimsFor(_flow: Flow, { code }: AuthorizationAnswer): Promise<Claims> {
    this.redeemed += 1;
    if (this.failure) throw this.failure;
    const claims = this.said.get(code);
    this.said.delete(code);
    await this.meanwhile();
    if (claims === undefined) throw new AccessError('sign_in_refused');
    return claims;
  }
}
