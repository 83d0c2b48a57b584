import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerProcess } from '../../test/support/server-process.ts';
import { HOME } from './home.ts';
import type { Stage } from './stage.ts';

const POLICY = 'config/policies/quickstart.yaml';
/** Exit codes of the command (docs: `holdfast --help`). */
const [FAILED, DENIED] = [1, 3];

/** The trust domain of the story. */
export const TRUST_DOMAIN = 'acme.internal';

/** What everybody in the story has set, as they would have exported it. */
export function settingsFor({ ports, dataDir }: ServerProcess): Record<string, string> {
  return {
    HOLDFAST_ADDR: `https://127.0.0.1:${ports.workload}`,
    HOLDFAST_OPERATOR_ADDR: `https://127.0.0.1:${ports.operator}`,
    HOLDFAST_CA: join(dataDir, 'tls/ca.crt'),
    XDG_STATE_HOME: join(HOME, 'state'),
  };
}

/** The main job, from an empty directory to a log that is verified. */
export async function tellStory(stage: Stage, server: ServerProcess): Promise<void> {
  await startServer(stage, server);
  await initialize(stage, server);
  await giveRights(stage);
  await writeSecret(stage);
  await fetchSecret(stage);
  await refuseSecret(stage);
  await proveLog(stage);
}

async function startServer(stage: Stage, server: ServerProcess): Promise<void> {
  stage.chapter('A server, with an encrypted database of its own', `\`holdfast\` is ./bin/holdfast; everything lies in ./${HOME}.`);
  stage.show('export PATH="$PWD/bin:$PATH"');
  await stage.type(`cat ${server.configFile}`);
  stage.show(`holdfast server --config ${server.configFile} &`);
  await server.start();
  for (const [name, value] of Object.entries(settingsFor(server))) stage.show(`export ${name}=${value}`);
}

async function initialize(stage: Stage, server: ServerProcess): Promise<void> {
  stage.chapter(
    'Initialise, unseal, sign in',
    'The server wrote a bootstrap token that only its owner can read: who has it may make the keys, once.',
    `(The passphrase and the passwords in ./${HOME} were made up for you.)`,
  );
  const passphrase = `--passphrase-file ${HOME}/passphrase`;
  const password = `--password-file ${HOME}/alice.password`;
  const bootstrap = `--bootstrap-token-file ${join(server.dataDir, 'bootstrap-token')}`;
  await stage.type(`holdfast init ${bootstrap} ${passphrase} --out ${HOME}/init > ${HOME}/init.json`);
  await stage.type(`holdfast unseal ${passphrase}`);
  await server.waitUntil('ready');
  await stage.type(`holdfast operator set-password alice --token-file ${HOME}/init/operator.token ${password}`);
  await stage.type(`holdfast login alice ${password} > ${HOME}/session.json`);
}

async function giveRights(stage: Stage): Promise<void> {
  stage.chapter('Say who may do what', 'Alice administers, and for that very reason may not read a secret. She gives out rights:');
  await stage.type(`cat ${POLICY}`);
  await stage.type(`holdfast role apply -f ${POLICY} > ${HOME}/roles.json`);
}

async function writeSecret(stage: Stage): Promise<void> {
  stage.chapter('Write a secret');
  await stage.type(`holdfast put payments/prod/db username=app password=@${HOME}/db.password`);
}

async function fetchSecret(stage: Stage): Promise<void> {
  stage.chapter(
    'A workload fetches it at its start, over mutual TLS',
    'A one-time token brings it its first certificate, for a key that never leaves it. The command fetches, and then becomes the workload.',
  );
  await enrol(stage, 'api', `spiffe://${TRUST_DOMAIN}/ns/payments/sa/api`);
  await stage.type(runAs('api', 'echo "payments api, process $$: connecting as $DB_USERNAME, password of ${#DB_PASSWORD} characters"'));
}

async function refuseSecret(stage: Stage): Promise<void> {
  stage.chapter(
    'Another workload, with a certificate just as good, is refused',
    'No rule lets it read there: its program does not even start.',
  );
  await enrol(stage, 'reports', `spiffe://${TRUST_DOMAIN}/ns/reports/sa/nightly`);
  await stage.type(runAs('reports', 'echo "this is never printed"'), DENIED);
}

async function proveLog(stage: Stage): Promise<void> {
  const [log, forged, key] = [`${HOME}/log.ndjson`, `${HOME}/forged.ndjson`, `--key ${HOME}/init/log.vkey`];
  stage.chapter('The log proves it', 'An auditor takes the whole log away and verifies it offline, without trusting the server.');
  await stage.type(`holdfast audit export > ${log}`);
  for (const line of await accessesOf(log)) stage.say(`  ${line}`);
  await stage.type(`holdfast audit verify ${log} ${key}`);
  stage.say('Had somebody made the refusal look like something else, it would show:');
  await stage.type(`sed 's/"outcome":"denied"/"outcome":"failed"/' ${log} > ${forged}`);
  await stage.type(`holdfast audit verify ${forged} ${key}`, FAILED);
}

async function enrol(stage: Stage, name: string, spiffeId: string): Promise<void> {
  await stage.type(`holdfast enrol ${spiffeId} > ${HOME}/${name}.token`);
  await stage.type(`holdfast join --token-file ${HOME}/${name}.token --out ${HOME}/${name}`);
}

function runAs(name: string, script: string): string {
  const identity = `HOLDFAST_CERT=${HOME}/${name}/cert.pem HOLDFAST_KEY=${HOME}/${name}/key.pem`;
  const maps = '--map DB_USERNAME=payments/prod/db#username --map DB_PASSWORD=payments/prod/db#password';
  return `${identity} holdfast run ${maps} -- sh -c '${script}'`;
}

/** The entries on secrets, one line each. */
async function accessesOf(log: string): Promise<string[]> {
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  return lines.flatMap((line) => {
    const { time, caller, action, resource, outcome }: ShownEntry = JSON.parse(line);
    return action?.startsWith('secret:') ? [[time, caller?.id, action, resource, outcome].join('  ')] : [];
  });
}

interface ShownEntry {
  readonly time?: string;
  readonly caller?: { readonly id: string };
  readonly action?: string;
  readonly resource?: string;
  readonly outcome?: string;
}
