/** The role that a new server has: administering without reading a single secret, and without the log, which is an auditor's. */
export const ADMINISTRATOR = 'administrator';
