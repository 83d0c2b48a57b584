import type { IncomingMessage } from 'node:http';
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { text } from 'node:stream/consumers';

/** A page, and where a browser would be after all redirects. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly body: string;
}

const MOST_STEPS = 20;

/** As much of a browser as a sign-in needs: cookies, redirects, and forms that somebody fills in. */
export class Browser {
  readonly #ca: string;
  readonly #cookies = new Map<string, string>();

  /** `ca`: whom it believes. */
  constructor(ca: string) {
    this.#ca = ca;
  }

  async open(address: string | URL, form?: Readonly<Record<string, string>>): Promise<Page> {
    let [url, body] = [new URL(address), form && new URLSearchParams(form).toString()];
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const answer = await this.#send(url, body);
      const page = await text(answer);
      const { location } = answer.headers;
      if (location === undefined) return { url, status: answer.statusCode ?? 0, body: page };
      [url, body] = [new URL(location, url), undefined];
    }
    throw new Error('the redirects have no end');
  }

  /** Sends the one form of a page. */
  submit({ url, body }: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
    const action = /<form[^>]* action="([^"]+)"/.exec(body)?.[1];
    if (action === undefined) throw new Error('there is no form');
    const hidden = [...body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]+)"/g)].map(([, name, value]) => [name, value]);
    return this.open(new URL(action, url), { ...Object.fromEntries(hidden), ...fields });
  }

  /** The address of a page's link. */
  follow({ url, body }: Page, label: RegExp): Promise<Page> {
    const [, href] = [...body.matchAll(/<a href="([^"]+)"[^>]*>([^<]*)/g)].find(([, , title = '']) => label.test(title)) ?? [];
    if (href === undefined) throw new Error('there is no such link');
    return this.open(new URL(href, url));
  }

  #send(url: URL, body: string | undefined): Promise<IncomingMessage> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }) };
    const send = url.protocol === 'https:' ? secure : plain;
    return new Promise((resolve, reject) => {
      const outgoing = send(url, { method: body === undefined ? 'GET' : 'POST', headers, ca: this.#ca, agent: false }, (answer) => {
        for (const set of answer.headers['set-cookie'] ?? []) this.#keep(set);
        resolve(answer);
      });
      outgoing.on('error', reject).end(body);
    });
  }

  #keep(set: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
    if (value === '') this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}
