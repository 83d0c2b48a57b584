/** A session that is not used for this long has ended (PCI DSS 8.2.8, ASVS 7.3.1). */
export const IDLE_MS = 15 * 60_000;

/** No session lives longer, however busy. */
export const ABSOLUTE_MS = 12 * 3_600_000;
