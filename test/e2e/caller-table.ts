import { PROBLEMS, ROUTES, type ProblemCode, type RouteName } from '#contract';
import { expect } from 'vitest';
import type { Answer } from '../support/raw-connection.ts';
import { WireClient } from '../support/wire-client.ts';
import type { State } from './bad-credentials.ts';
import { CLOSED_CASES, OPEN_CASES, type ClosedCase, type OpenCase, type Wish } from './route-cases.ts';
import { idOf, NOBODY, type Caller, type Scene } from './scene.ts';
import { codeOf, indistinct } from './witness.ts';

/** Who asks. `entitled`: a rule allows it the route's action on what the case says, and nothing else. */
export interface Column {
  readonly title: string;
  readonly caller: () => Caller;
  readonly entitled?: true;
  /** Nobody has given them anything. */
  readonly bare?: true;
}

const ENTITLED = [idOf('api'), 'operator:alice'];
/** What a status means where the table gives no code. */
const USUAL: ReadonlySet<ProblemCode | undefined> = new Set(['unauthenticated', 'denied']);
const REFUSED = new Set(['401', '403', '200 [403]']);

/**
 * Every route, asked by everybody. A case's `may` is what is asked for; whoever is refused it is asked for both halves of its `mayNot`, what
 * is there and what is not: the answers have to be the same to the byte.
 */
export class CallerTable implements Disposable {
  readonly #scene: Scene;
  /** Gives operators new sessions: a route may have ended theirs. */
  readonly #renew: () => Promise<void>;

  readonly #clients = new Map<Caller, { readonly port: number; readonly client: WireClient }>();

  constructor(scene: Scene, renew: () => Promise<void>) {
    this.#scene = scene;
    this.#renew = renew;
  }

  [Symbol.dispose](): void {
    for (const { client } of this.#clients.values()) client.close();
  }

  async ofCallers(columns: readonly Column[]): Promise<string> {
    const rows = [['route', 'action', ...columns.map(({ title }) => title)]];
    for (const [route, each] of OPEN_CASES) rows.push(await this.#row(route, columns, (column) => this.#open(column, route, each)));
    for (const [route, each] of CLOSED_CASES) rows.push(await this.#row(route, columns, (column) => this.#closed(column, route, each)));
    return aligned(rows);
  }

  /** One line for what all routes answer alike, and one for each that doesn't. */
  async ofStates(states: readonly State[]): Promise<string> {
    const rows: string[][] = [];
    for (const { title, caller } of states) {
      const routes = new Map<string, RouteName[]>();
      for (const [route, makes] of WISHES) {
        const answer = await this.#send(caller, route, await makes(this.#scene));
        must([400, 401].includes(answer.status), `${route} with ${title}`);
        const line = told(answer, true);
        routes.set(line, [...(routes.get(line) ?? []), route]);
      }
      const all = routes.size === 1 ? 'every route' : undefined;
      for (const [answer, names] of routes) rows.push([title, answer, all ?? names.join(' ')]);
    }
    return aligned(rows);
  }

  async #row(route: RouteName, columns: readonly Column[], cellOf: (column: Column) => Promise<string>): Promise<string[]> {
    const cells = new Map<Column, string>();
    // What the way to a row before this one may have left behind.
    await this.#scene.applyRole('sealer', [], []);
    for (const column of columns.toSorted((a, b) => Number(a.entitled ?? 0) - Number(b.entitled ?? 0)))
      cells.set(column, await cellOf(column));
    return [route, ROUTES[route].action, ...columns.map((column) => cells.get(column) ?? '')];
  }

  async #open(column: Column, route: RouteName, { may, mayNot, known }: OpenCase): Promise<string> {
    const who = nameOf(route, column);
    // No rule opens it. And a certificate is renewed once.
    if (column.entitled) return '-';
    if (column.caller() !== NOBODY) return told(await this.#ask(column, route, await known.wish(this.#scene, who)));
    const wished = await may(this.#scene, who);
    const answer = told('status' in wished ? wished : await this.#ask(column, route, wished));
    if (mayNot === 'denied') return answer;
    const refused: Answer[] = [];
    for (const makes of mayNot.wishes) refused.push(await this.#ask(column, route, await makes(this.#scene, who)));
    return `${answer}/${theSame(refused)}`;
  }

  async #closed(column: Column, route: RouteName, each: ClosedCase): Promise<string> {
    const { on, mayNot, after } = each;
    await this.#scene.applyRole('case', [{ allow: [ROUTES[route].action], on }], column.entitled ? ENTITLED : []);
    const wished = await each.may(this.#scene, nameOf(route, column));
    const { as, ...wish } = 'status' in wished ? mayNot[0] : wished;
    const answer = await this.#ask(column, route, wish, column.entitled && as);
    if (answer.status < 300) await after?.(this.#scene);
    const got = told(answer);
    must(column.bare === undefined || each.builtin === true || REFUSED.has(got), `${route} by ${column.title}`);
    if (!REFUSED.has(got) && !(column.entitled && mayNot.length === 2)) return got;
    const refused: Answer[] = [];
    for (const beyond of mayNot) refused.push(await this.#ask(column, route, beyond));
    const beyond = theSame(refused);
    return beyond === got ? got : `${got}/${beyond}`;
  }

  async #ask(column: Column, route: RouteName, wish: Wish, as?: Caller): Promise<Answer> {
    const answer = await this.#send(as ?? column.caller(), route, wish);
    if (codeOf(answer) !== 'session_refused') return answer;
    await this.#renew();
    return this.#send(column.caller(), route, wish);
  }

  async #send(caller: Caller, route: RouteName, { name = '', query, body }: Wish): Promise<Answer> {
    const path = ROUTES[route].path.replace(/\{\w+\}/, name) + (query === undefined ? '' : `?${query}`);
    const { status, headers, body: text } = await this.#clientOf(caller).send(ROUTES[route].method, path, body);
    return { status, headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)])), body: text };
  }

  /** A connection for each that stays open. A listener that has been closed meanwhile is elsewhere. */
  #clientOf(caller: Caller): WireClient {
    const { port, ca } = this.#scene.lineOf(caller);
    const known = this.#clients.get(caller);
    if (known?.port === port) return known.client;
    known?.client.close();
    const client = new WireClient(port, ca, caller);
    this.#clients.set(caller, { port, client });
    return client;
  }
}

/** What everybody may ask of a route without having prepared anything. */
const WISHES: readonly (readonly [RouteName, (scene: Scene) => Wish | Promise<Wish>])[] = [
  ...OPEN_CASES.map(([route, { known }]) => [route, (scene: Scene) => known.wish(scene, 'state')] as const),
  ...CLOSED_CASES.map(([route, { mayNot }]) => [route, () => mayNot[0]] as const),
];

function must(refused: boolean, what: string): void {
  if (!refused) throw new Error(`${what}: this is nobody's to have`);
}

function nameOf(route: RouteName, { title }: Column): string {
  return `${route}-${title}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

/** An answer in a word or two. */
function told(answer: Answer, hinted = false): string {
  const { status, body } = answer;
  const code = codeOf(answer);
  if (code !== undefined && PROBLEMS[code].status !== status) throw new Error(`${code} with the status ${status}`);
  if (code === undefined) return `${status}${itemsOf(answer)}`;
  const hint: string | undefined = hinted ? JSON.parse(body).hint : undefined;
  return USUAL.has(code) && !hinted ? `${status}` : `${status} ${code}${hint === undefined ? '' : ` (${hint})`}`;
}

/** The statuses of an answer that has one for each item. */
function itemsOf({ status, headers, body }: Answer): string {
  if (status !== 200 || headers['content-type']?.startsWith('application/json') !== true) return '';
  const { items }: { items?: unknown } = JSON.parse(body);
  const statuses = Array.isArray(items) ? items.flatMap((item: { status?: number }) => item.status ?? []) : [];
  return statuses.length === 0 ? '' : ` [${statuses.join(' ')}]`;
}

/** Of answers that must not tell what is there from what is not: one of them. @throws where they do */
export function theSame(answers: readonly Answer[]): string {
  const [first] = answers;
  if (first === undefined) throw new Error('nothing was asked');
  expect(new Set(answers.map((answer) => indistinct({ ...answer, body: anonymized(answer) }, digestsOf(answer)))).size).toBe(1);
  return told(first);
}

/** Where each item repeats the path that was asked for, it and the digest over it differ by right. */
function anonymized({ body }: Answer): string {
  return body.startsWith('{"items"') ? body.replaceAll(/"path":"[^"]*"/g, '"path":"?"') : body;
}

function digestsOf({ headers: { etag } }: Answer): string[] {
  return etag === undefined ? [] : [JSON.stringify(etag).slice(1, -1)];
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
