import type { BootstrapTokenStore } from '#keys';
import { describe, expect, it } from 'vitest';

/** What every `BootstrapTokenStore` keeps. What `make` answers makes it anew over the same place, as a restart does. */
export function bootstrapTokenStoreContract(name: string, make: () => () => BootstrapTokenStore): void {
  describe(`the bootstrap token store of ${name}`, () => {
    it('has no token at first', async () => {
      expect(await make()().read()).toBeUndefined();
    });

    it('keeps the token over a restart', async () => {
      const start = make();
      await start().write('hfb_token');
      expect(await start().read()).toBe('hfb_token');
    });

    it('has none once it is removed, and removing it again is fine', async () => {
      const start = make();
      await start().write('hfb_token');
      await start().remove();
      await start().remove();
      expect(await start().read()).toBeUndefined();
    });
  });
}
