import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { variable } from './environment.ts';
import { makePrivateDirectory, writePrivateFile } from './private-file.ts';

/** The sessions of this person, by the address of the server. */
type Sessions = Record<string, string>;

/** The token that `holdfast login` left for a server. */
export function storedSession(origin: string): string | undefined {
  return readSessions()[origin];
}

/** Keeps a token, readable for this person only; without one, forgets it. @throws Failure */
export function storeSession(origin: string, token: string | undefined): void {
  const { [origin]: _, ...others } = readSessions();
  const file = sessionFile();
  makePrivateDirectory(dirname(file));
  writePrivateFile(file, JSON.stringify(token === undefined ? others : { ...others, [origin]: token }), 0o600);
}

function readSessions(): Sessions {
  try {
    const sessions: unknown = JSON.parse(readFileSync(sessionFile(), 'utf8'));
    return typeof sessions === 'object' && sessions !== null ? Object.fromEntries(Object.entries(sessions)) : {};
  } catch {
    return {}; // none yet, or one that can't be read: signing in makes it anew
  }
}

function sessionFile(): string {
  return join(variable('XDG_STATE_HOME') ?? join(homedir(), '.local', 'state'), 'holdfast', 'sessions.json');
}
