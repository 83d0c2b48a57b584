/** What a module in `commands/` offers. */
export interface CommandModule {
  /** Does the work; the arguments are those after the command's own words. @throws Failure */
  readonly run: (args: readonly string[]) => Promise<void>;
}

/** A command of one or two words. */
export interface Command {
  readonly usage: string;
  readonly summary: string;
  /** What its own help adds, a line each. */
  readonly notes?: readonly string[];
  readonly load: () => Promise<CommandModule>;
}

/** Every command; each is loaded only when it is called. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  server: {
    usage: '[--config FILE]',
    summary: 'start (sealed, unless a slot opens by itself)',
    notes: ['config/server.full.yaml explains the settings; each can be a variable too: HOLDFAST_TRUST_DOMAIN.'],
    load: () => import('./commands/server.ts'),
  },
  init: {
    usage: '[--bootstrap-token-file FILE] [--slot passphrase|file]… [--passphrase-file FILE] [--key-file FILE] [--out DIR]',
    summary: 'make the keys, once; prints the one-time token of the first operator',
    notes: [
      'The bootstrap token is in the file bootstrap-token of the data directory. What no file is named for is asked for.',
      '--slot            may be repeated; else a passphrase, and with --key-file a file',
      "--key-file FILE   the file that the server's setting unseal.file names; made where it is not there",
      '--out DIR         keeps operator.token (secret), ca.pem and log.vkey (public)',
    ],
    load: () => import('./commands/init.ts'),
  },
  unseal: {
    usage: '[--slot passphrase|file] [--passphrase-file FILE] [--key-file FILE]',
    summary: 'open the keys and the database',
    notes: ['--slot file without --key-file: the server reads the file that its own setting unseal.file names.'],
    load: () => import('./commands/unseal.ts'),
  },
  seal: { usage: '', summary: 'drop the keys and close the database', load: () => import('./commands/seal.ts') },
  status: { usage: '', summary: 'say whether the server is sealed', load: () => import('./commands/status.ts') },
  login: {
    usage: 'NAME [--password-file FILE] [--code-file FILE] | --oidc PROVIDER [--no-browser]',
    summary: 'open a session',
    notes: [
      'A code of the second factor is asked for where there is one.',
      '--oidc PROVIDER  in a browser, at an OpenID provider; --no-browser only prints where',
    ],
    load: () => import('./commands/login.ts'),
  },
  logout: { usage: '', summary: 'end the session', load: () => import('./commands/logout.ts') },
  'operator set-password': {
    usage: 'NAME --token T | --token-file FILE [--password-file FILE]',
    summary: 'set a password with the one-time token: of the first operator, or of one who was invited',
    notes: ['--token T is seen by everybody who may list processes; --token-file is not.'],
    load: () => import('./commands/operator-set-password.ts'),
  },
  'operator change-password': {
    usage: '[--current-password-file FILE] [--password-file FILE]',
    summary: "change one's own password; one's other sessions end",
    load: () => import('./commands/operator-change-password.ts'),
  },
  'operator invite': {
    usage: 'NAME [--group GROUP]…',
    summary: 'make an operator, and print the one-time token with which it sets a password',
    load: () => import('./commands/operator-invite.ts'),
  },
  'operator list': { usage: '', summary: 'list the operators', load: () => import('./commands/operator-list.ts') },
  'operator show': { usage: 'NAME', summary: 'show an operator', load: () => import('./commands/operator-show.ts') },
  'operator groups': {
    usage: 'NAME GROUP… | --none',
    summary: 'put an operator into exactly these groups',
    load: () => import('./commands/operator-groups.ts'),
  },
  'operator certificate': {
    usage: 'NAME SPIFFE-ID | sha256:HEX | --none',
    summary: 'name the client certificate that an operator may come with',
    notes: [
      'sha256:HEX is the hash of its public key: openssl x509 -in FILE -noout -pubkey | openssl pkey -pubin -outform der | sha256sum',
    ],
    load: () => import('./commands/operator-certificate.ts'),
  },
  'operator disable': {
    usage: 'NAME',
    summary: "end an operator's sessions and let it in nowhere",
    load: () => import('./commands/operator-disable.ts'),
  },
  'operator enable': { usage: 'NAME', summary: 'let an operator in again', load: () => import('./commands/operator-enable.ts') },
  'operator reset': {
    usage: 'NAME [--totp]',
    summary: "make an operator's password void and print a new one-time token",
    notes: ['--totp  takes its second factor away instead'],
    load: () => import('./commands/operator-reset.ts'),
  },
  'operator delete': { usage: 'NAME', summary: 'delete an operator', load: () => import('./commands/operator-delete.ts') },
  'totp enrol': {
    usage: '[--password-file FILE]',
    summary: "begin one's own second factor: print what an authenticator takes in",
    load: () => import('./commands/totp-enrol.ts'),
  },
  'totp confirm': {
    usage: '[--code-file FILE]',
    summary: 'confirm it by a first code, and print the recovery codes',
    load: () => import('./commands/totp-confirm.ts'),
  },
  'totp remove': {
    usage: '[--password-file FILE] [--code-file FILE]',
    summary: "remove one's own second factor",
    load: () => import('./commands/totp-remove.ts'),
  },
  'session list': { usage: 'NAME', summary: "list an operator's sessions", load: () => import('./commands/session-list.ts') },
  'session revoke': {
    usage: 'NAME ID | --all',
    summary: 'end one session of an operator, or all of them',
    load: () => import('./commands/session-revoke.ts'),
  },
  put: {
    usage: 'PATH FIELD=VALUE… | FIELD=@FILE… | FIELD=-… | -f FILE [--label NAME=VALUE]… [--if-version N] [--expires TIME]',
    summary: 'write a new version',
    notes: [
      'FIELD=@FILE takes the bytes of a file and FIELD=- standard input, as they are, to the last line end.',
      'FIELD=VALUE is seen by everybody who may list processes.',
      '-f FILE         takes all fields from a JSON object of strings',
      '--if-version N  writes only while N is the current version; 0: only where there is nothing',
      '--expires TIME  2027-01-31T00:00:00Z',
    ],
    load: () => import('./commands/put.ts'),
  },
  get: {
    usage: 'PATH [FIELD] [--version N] [--format json|dotenv|shell|raw]',
    summary: 'read a secret, or one of its fields',
    notes: ['A field alone is printed as its bytes are; on a terminal without control characters, unless --format is raw.'],
    load: () => import('./commands/get.ts'),
  },
  list: {
    usage: '[PREFIX] [-r] [--label NAME=VALUE]… [-q TEXT]',
    summary: 'list paths, never values',
    notes: [
      '-r, --recursive      what is further down too',
      '--label NAME=VALUE   those that have it; several: that have all of them',
      '-q, --query TEXT     those with TEXT in the path',
    ],
    load: () => import('./commands/list.ts'),
  },
  delete: { usage: 'PATH [--version N]', summary: 'delete, restorably', load: () => import('./commands/delete.ts') },
  restore: { usage: 'PATH [--version N]…', summary: 'bring back what was deleted', load: () => import('./commands/restore.ts') },
  destroy: { usage: 'PATH --version N…', summary: 'destroy versions for good', load: () => import('./commands/destroy.ts') },
  'role apply': {
    usage: '-f FILE [--reason TEXT] [--dry-run]',
    summary: 'create or replace the roles of a YAML file, all or none',
    notes: ['--dry-run  check everything, say what would change, change nothing'],
    load: () => import('./commands/role-apply.ts'),
  },
  'role get': { usage: 'NAME [--version N]', summary: 'show a role', load: () => import('./commands/role-get.ts') },
  'role list': { usage: '', summary: 'list the roles', load: () => import('./commands/role-list.ts') },
  'role simulate': {
    usage: '-f FILE | --deleted NAME [--since 30d]',
    summary: 'say whose access would change, and how',
    notes: [
      'Over what the rules say and the secrets that you may list; each role of FILE by itself.',
      '--since 30d  over what the log says was done in that time, too (audit:read)',
    ],
    load: () => import('./commands/role-simulate.ts'),
  },
  'role suggest': {
    usage: 'CALLER [--since 30d]',
    summary: 'write the smallest role that covers what the log shows was done, and list what nobody used',
    load: () => import('./commands/role-suggest.ts'),
  },
  'role test': {
    usage: 'FILE [--json]',
    summary: 'check, offline, that role files allow and deny what FILE expects',
    notes: ['It decides as the server does, and needs none. Exit 1 where an expectation fails.'],
    load: () => import('./commands/role-test.ts'),
  },
  'provider apply': {
    usage: '-f FILE [--client-secret-file FILE]',
    summary: 'put the OpenID providers of a YAML file on record',
    notes: ['A secret that is not given stays, as long as the issuer, the client and the CA are the same.'],
    load: () => import('./commands/provider-apply.ts'),
  },
  'provider get': { usage: 'NAME', summary: 'show a provider, without its secret', load: () => import('./commands/provider-get.ts') },
  'provider list': { usage: '', summary: 'list the providers', load: () => import('./commands/provider-list.ts') },
  'provider remove': {
    usage: 'NAME',
    summary: 'delete a provider and end the sessions that were opened there',
    load: () => import('./commands/provider-remove.ts'),
  },
  'who-can': {
    usage: 'ACTION PATH',
    summary: 'list who can do it, through which rule, and who could come to',
    load: () => import('./commands/who-can.ts'),
  },
  'role export': { usage: '[NAME…]', summary: 'write roles as YAML for role apply', load: () => import('./commands/role-export.ts') },
  'role versions': { usage: 'NAME', summary: 'say who changed a role, when and why', load: () => import('./commands/role-versions.ts') },
  'role diff': {
    usage: 'NAME [A] [B]',
    summary: 'say what changed from version A to B',
    notes: ['Without B up to the latest version, without A from the one before.'],
    load: () => import('./commands/role-diff.ts'),
  },
  'role delete': {
    usage: 'NAME [--reason TEXT] [--if-version N]',
    summary: 'delete a role; its versions are kept',
    load: () => import('./commands/role-delete.ts'),
  },
  'approval request': {
    usage: 'ACTION RESOURCE --reason TEXT [--ttl 1h] [--many]',
    summary: 'ask for the approval of a second operator',
    notes: ['--ttl   to wait for an answer, and to use it from then on', '--many  until it ends, and not once'],
    load: () => import('./commands/approval-request.ts'),
  },
  'approval list': {
    usage: '[--own]',
    summary: 'list what waits for approval, or has it',
    notes: ['--own  what you have asked for'],
    load: () => import('./commands/approval-list.ts'),
  },
  'approval approve': {
    usage: 'ID [--reason TEXT]',
    summary: 'approve what somebody else asks for',
    load: () => import('./commands/approval-approve.ts'),
  },
  'approval deny': { usage: 'ID [--reason TEXT]', summary: 'deny it, or take it back', load: () => import('./commands/approval-deny.ts') },
  'approval cancel': { usage: 'ID', summary: 'take back what you asked for', load: () => import('./commands/approval-cancel.ts') },
  explain: {
    usage: 'CALLER ACTION PATH [--from ADDRESS] [--at TIME] [--factors 2] | --request ID',
    summary: 'say which rule decides, which comes nearest, and what is missing',
    notes: [
      'CALLER is spiffe://…, operator:NAME or anonymous.',
      '--request ID  what a request was denied, by the id that its caller was given',
    ],
    load: () => import('./commands/explain.ts'),
  },
  'issuer apply': {
    usage: '-f FILE [--jwks FILE]',
    summary: 'trust the issuers of a YAML file, or replace them',
    notes: ['--jwks FILE  their public keys, as the issuer publishes them: in place of the jwks of the YAML'],
    load: () => import('./commands/issuer-apply.ts'),
  },
  'issuer list': { usage: '', summary: 'list the issuers', load: () => import('./commands/issuer-list.ts') },
  'issuer get': { usage: 'NAME', summary: 'show an issuer', load: () => import('./commands/issuer-get.ts') },
  'issuer remove': { usage: 'NAME', summary: 'trust an issuer no longer', load: () => import('./commands/issuer-remove.ts') },
  'trust apply': {
    usage: 'DOMAIN -f FILE [--crl FILE]…',
    summary: "trust a trust domain's CAs: PEM, or a SPIFFE bundle document",
    notes: [
      'It replaces what was there. --crl alone brings the revocation lists up to date (PEM or DER): a job may do that.',
      'Once a CA has a list, nothing that it signed is accepted when the list should have been replaced.',
    ],
    load: () => import('./commands/trust-apply.ts'),
  },
  'trust get': {
    usage: 'DOMAIN',
    summary: "show a trust domain's CAs and revocation lists",
    load: () => import('./commands/trust-get.ts'),
  },
  'trust list': { usage: '', summary: 'list the trust domains', load: () => import('./commands/trust-list.ts') },
  'trust remove': { usage: 'DOMAIN', summary: 'trust a trust domain no longer', load: () => import('./commands/trust-remove.ts') },
  revoke: {
    usage: 'SPIFFE-ID | SPIFFE-PREFIX/** | --serial HEX [--domain DOMAIN] | --fingerprint HEX [--lift]',
    summary: 'revoke certificates, for the next request',
    notes: ['A SPIFFE ID or a prefix: every certificate from before. It can be enrolled anew.', '--lift  takes the revocation back'],
    load: () => import('./commands/revoke.ts'),
  },
  revocations: { usage: '', summary: 'list what is revoked', load: () => import('./commands/revocations.ts') },
  enrol: { usage: 'SPIFFE-ID [--ttl 15m]', summary: 'print a one-time token for a workload', load: () => import('./commands/enrol.ts') },
  join: {
    usage: '--token T | --token-file FILE | --jwt-file FILE | --kubernetes, --out DIR [--watch]',
    summary: 'make a key, get its certificate, keep it renewed with --watch',
    notes: [
      'DIR holds key.pem, cert.pem and ca.pem then. If the answer was lost, type it again: the token still works for the same DIR.',
      '--token T is seen by everybody who may list processes; --token-file is not, and takes - for standard input.',
      '--jwt-file FILE  a token of an issuer on record, such as that of a CI job',
      '--kubernetes     the projected ServiceAccount token in /var/run/secrets/holdfast/token',
      '--watch          stays and renews; where a certificate is there, it needs no token, and a JWT only once that is over',
    ],
    load: () => import('./commands/join.ts'),
  },
  run: {
    usage: '[--path PATH]… [--map NAME=PATH#FIELD]… [--files [DIR]] -- COMMAND…',
    summary: 'fetch, put into the environment or into files, become the command',
    notes: [
      'Without --path and --map: everything that may be read.',
      '--path PATH             every field, as <last segment>_<FIELD>: DB_PASSWORD',
      '--map NAME=PATH#FIELD   one field, under that name',
      '--files [DIR]           files in place of variables, in DIR or a new directory in memory; HOLDFAST_FILES names it',
      "Exit: the command's own; 127 where it does not exist, 126 where it can not be executed",
    ],
    load: () => import('./commands/run.ts'),
  },
  'audit export': { usage: '[--out FILE]', summary: 'write the whole log', load: () => import('./commands/audit-export.ts') },
  'audit verify': {
    usage: 'FILE [--key FILE] [--checkpoint FILE]',
    summary: 'prove, offline, that an export is whole',
    notes: [
      '--key FILE         log.vkey of `holdfast init`; without it the export vouches for itself',
      '--checkpoint FILE  a checkpoint kept from earlier, which the log must go on from',
    ],
    load: () => import('./commands/audit-verify.ts'),
  },
};

/** The command that some arguments call, and the arguments that are left for it. */
export function findCommand(args: readonly string[]): { name: string; command: Command; rest: readonly string[] } | undefined {
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(' ');
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command !== undefined) return { name, command, rest: args.slice(words) };
  }
  return undefined;
}

/** The commands that begin with a word: those of `role`. */
export function commandsOf(word: string): string[] {
  return Object.keys(COMMANDS).filter((name) => name.startsWith(`${word} `));
}
