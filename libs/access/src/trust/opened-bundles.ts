import { X509Certificate } from 'node:crypto';
import { parseRevocationList, TrustBundle, TrustBundles } from '#identity';
import type { CrlRecord, TrustBundleRecord } from '../authority/records.ts';

/** Records as bundles. What has not changed is not read again: lists are long, and their signatures are checked. */
export class OpenedBundles {
  readonly #opened = new WeakMap<TrustBundleRecord, { readonly crl: CrlRecord | undefined; readonly bundle: TrustBundle }>();

  of(bundles: readonly TrustBundleRecord[], crls: readonly CrlRecord[]): TrustBundles {
    const lists = new Map(crls.map((crl) => [crl.trustDomain, crl]));
    return new TrustBundles(bundles.map((bundle) => this.#open(bundle, lists.get(bundle.trustDomain))));
  }

  #open(record: TrustBundleRecord, crl: CrlRecord | undefined): TrustBundle {
    const known = this.#opened.get(record);
    if (known !== undefined && known.crl === crl) return known.bundle;
    const certificates = record.certificates.map((pem) => new X509Certificate(pem));
    const bundle = new TrustBundle(record.trustDomain, certificates, crl?.lists.map(parseRevocationList));
    this.#opened.set(record, { crl, bundle });
    return bundle;
  }
}
