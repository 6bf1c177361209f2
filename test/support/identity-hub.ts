/** A hub that knows people, and nothing else: real server, real database, pages as a browser without scripts sees them. */
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { linkInvalid } from '../../src/core/access/links';
import { BranchbookError } from '../../src/core/error';
import type { Identity } from '../../src/core/model/access';
import type { EndpointAccess, IAccountRecords, IClock } from '../../src/core/port';
import { AccountRecords } from '../../src/node/postgres/account-records';
import { accountMigration } from '../../src/node/postgres/account-tables';
import type { AccountTables } from '../../src/node/postgres/account-tables';
import { clock, random } from '../../src/node/process/time';
import { usualPace } from '../../src/service/hub/body';
import { createHub } from '../../src/service/hub/create-hub';
import { DiskRoom } from '../../src/service/hub/disk-room';
import { HubIdentity } from '../../src/service/hub/identity/identity';
import type { IdentityOptions } from '../../src/service/hub/identity/identity';
import { identityRoutes } from '../../src/service/hub/identity/api-routes';
import { pageRoutes } from '../../src/service/hub/identity/page-routes';
import { RateLimits } from '../../src/service/hub/limits';
import { HubMetrics } from '../../src/service/hub/metrics';
import type { HubRoute, IHubAccess } from '../../src/service/hub/route';
import { RunningCalls } from '../../src/service/hub/running-calls';

/** A clock that tests set forward. */
export class SteppedClock implements IClock {
  ahead = 0;
  now(): number {
    return clock.now() + this.ahead;
  }
  offset(): number {
    return clock.offset();
  }
  sleep(milliseconds: number): Promise<void> {
    return clock.sleep(milliseconds);
  }
}

export type IdentityHub = {
  readonly url: string;
  readonly identity: HubIdentity;
  readonly records: IAccountRecords;
  readonly clock: SteppedClock;
  readonly log: string[];
  close(): Promise<void>;
};

type Settings = Partial<Pick<IdentityOptions, 'localAccounts' | 'jupyterHub' | 'offer'>> & {
  readonly oidc?: (url: string) => IdentityOptions['oidc'];
  readonly routes?: readonly HubRoute[];
  readonly endpoint?: (who: Identity, name: string) => EndpointAccess;
  /** Listen here instead of on a free port. */
  readonly port?: number;
  /** As browsers see it, when a proxy stands before it. */
  readonly publicUrl?: string;
};

/** The identity's routes, and one that says who asks. */
export async function startIdentityHub(settings: Settings = {}): Promise<IdentityHub> {
  const db = new Kysely<AccountTables>({ dialect: new PGliteDialect({ pglite: new PGlite() }) });
  await accountMigration.up(db);
  const records = new AccountRecords(db, clock);
  const stepped = new SteppedClock();
  const log: string[] = [];
  const port = settings.port ?? (await freePort());
  const url = settings.publicUrl ?? `http://127.0.0.1:${port}`;
  const identity = new HubIdentity({
    records,
    clock: stepped,
    random,
    version: 'test',
    publicUrl: () => url,
    localAccounts: settings.localAccounts ?? true,
    jupyterHub: settings.jupyterHub ?? null,
    oidc: settings.oidc?.(url) ?? null,
    offer: settings.offer ?? (() => Promise.reject(linkInvalid()))
  });
  const calls = new RunningCalls();
  const metrics = new HubMetrics({});
  const room = new DiskRoom(async () => Infinity);
  const app = createHub({
    routes: [...pageRoutes(identity), ...identityRoutes(identity), whoAmI, ...(settings.routes ?? [])],
    metrics,
    room,
    log: line => void log.push(line),
    prefix: new URL(url).pathname.replace(/\/+$/, ''),
    authenticator: identity,
    access: {
      as: who => ({
        whoAmI: () => Promise.resolve(who),
        endpoint: async (_namespace: string, name: string) => settings.endpoint!(who, name)
      })
    } as IHubAccess,
    limits: new RateLimits({ now: () => stepped.now() }),
    calls,
    pace: usualPace,
    behindProxy: false,
    operatorToken: null,
    publicUrl: () => url
  });
  await app.listen({ host: '127.0.0.1', port });
  return {
    url,
    identity,
    records,
    clock: stepped,
    log,
    close: async () => {
      await app.close();
      await db.destroy();
    }
  };
}

const whoAmI: HubRoute = {
  method: 'GET',
  path: '/api/v1/me',
  need: { on: 'place' },
  rate: 'ordinary',
  body: 'none',
  bodyLimit: 0,
  handle: ({ namespaces }) => namespaces.whoAmI()
};

export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

export type Answer = {
  readonly status: number;
  readonly location: string;
  readonly text: string;
  readonly headers: Headers;
};

/** A browser without scripts: cookies of each origin by their paths, and forms as they are in the page. */
export class PageBrowser {
  private readonly _cookies = new Map<string, { value: string; path: string; origin: string }>();

  async get(url: string): Promise<Answer> {
    return this._send(url, { method: 'GET' });
  }

  /** Fill the form with this action in a page, and send it. */
  async submit(page: string, url: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
    const hidden = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, name, value]) => [name!, unescape(value!)] as const
    );
    return this.post(url, { ...Object.fromEntries(hidden), ...fields });
  }

  async post(url: string, fields: Readonly<Record<string, string>>, headers: HeadersInit = {}): Promise<Answer> {
    return this._send(url, { method: 'POST', body: new URLSearchParams(fields), headers });
  }

  /** GET, and on to wherever it leads, across origins. */
  async follow(url: string): Promise<Answer & { readonly url: string }> {
    let at = url;
    for (let hop = 0; hop < 15; hop += 1) {
      const answer = await this.get(at);
      if (answer.location === '') {
        return { ...answer, url: at };
      }
      at = new URL(answer.location, at).href;
    }
    throw new BranchbookError('INTERNAL', `${url} leads nowhere`);
  }

  cookie(name: string): string | undefined {
    return [...this._cookies].find(([key]) => key.endsWith(` ${name}`))?.[1].value;
  }

  private async _send(url: string, init: RequestInit): Promise<Answer> {
    const { origin, pathname } = new URL(url);
    const sent = [...this._cookies]
      .filter(([, cookie]) => cookie.origin === origin && pathname.startsWith(cookie.path))
      .map(([key, { value }]) => `${key.split(' ').pop()}=${value}`);
    const headers = new Headers(init.headers);
    if (sent.length > 0) {
      headers.set('cookie', sent.join('; '));
    }
    const answer = await navigate(url, init.method!, headers, init.body as URLSearchParams | undefined);
    for (const line of answer.headers.getSetCookie()) {
      this._keep(origin, line);
    }
    return answer;
  }

  private _keep(origin: string, line: string): void {
    const [pair = '', ...attributes] = line.split(/;\s*/);
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    const path = /^path=(.*)$/im.exec(attributes.join('\n'))?.[1] ?? '/';
    const gone = value === '' || value === '""' || attributes.some(one => /^max-age=0$/i.test(one));
    const key = `${origin} ${path} ${name}`;
    this._cookies.delete(key);
    if (!gone) {
      this._cookies.set(key, { value, path, origin });
    }
  }
}

/** `fetch` says that it is a script's; JupyterHub gives cookies to people who open a page only. */
function navigate(url: string, method: string, headers: Headers, body?: URLSearchParams): Promise<Answer> {
  headers.set('sec-fetch-mode', 'navigate');
  if (body) {
    headers.set('content-type', 'application/x-www-form-urlencoded');
  }
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: Object.fromEntries(headers) }, answer => {
      text(answer).then(content => {
        const received = new Headers();
        for (let at = 0; at < answer.rawHeaders.length; at += 2) {
          received.append(answer.rawHeaders[at]!, answer.rawHeaders[at + 1]!);
        }
        const location = received.get('location') ?? '';
        resolve({ status: answer.statusCode!, location, text: content, headers: received });
      }, reject);
    });
    asked.once('error', reject);
    asked.end(body?.toString());
  });
}

function unescape(text: string): string {
  return text
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
