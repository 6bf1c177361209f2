import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HubRoute } from '../../../src/service/hub/route';
import { makeTeam, person, useTestHub } from '../../support/hub';

const holder = useTestHub(['olga', 'edi', 'vera', 'max', 'gone'].map(user => person(user)));

type Answer = { readonly status: number; readonly headers: Record<string, unknown>; readonly text: string };

/** A request byte for byte: no client of ours tidies the path. */
function ask(
  method: string,
  path: string,
  options: { readonly user?: string; readonly headers?: Record<string, string>; readonly body?: string | Buffer } = {}
): Promise<Answer> {
  const { port } = new URL(holder.hub.url);
  const authorization = options.user === undefined ? {} : { authorization: `Bearer ${options.user}-token` };
  const headers = {
    ...(options.body !== undefined && { 'content-type': 'application/json' }),
    ...authorization,
    ...options.headers
  };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, answer => {
      const pieces: Buffer[] = [];
      answer.on('data', piece => pieces.push(piece as Buffer));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(pieces).toString() })
      );
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(options.body);
  });
}

// Tokens that were right once are taken also from an address from which somebody guesses.
beforeAll(() => Promise.all(['olga', 'edi', 'vera', 'max'].map(user => holder.hub.namespaces(user).whoAmI())));

const pathOf = (route: HubRoute, namespace: string, project = 'iris'): string =>
  route.path.replace(':namespace', namespace).replace(':project', project).replace(/:\w+/g, 'x');
const isLfs = ({ path }: HubRoute): boolean => path.includes('/info/lfs');
const isOfContents = (route: HubRoute): boolean => isLfs(route) || /\/(assets|contents|files?)\b/.test(route.path);
const open = (route: HubRoute): boolean => route.need.on === 'nothing' || route.need.on === 'hub';
const closedRoutes = (): readonly HubRoute[] => holder.hub.routes.filter(route => !open(route));
const bodyFor = (route: HubRoute): object => (route.body === 'none' ? {} : { body: '{}' });

describe('every route of the hub', () => {
  it('says what it needs, how much it takes and how often', () => {
    expect(holder.hub.routes.length).toBeGreaterThan(15);
    for (const route of holder.hub.routes) {
      const named = [route.path.includes(':namespace'), route.path.includes(':project')];
      const { on } = route.need;
      expect(on === 'project' ? [true, true] : on === 'namespace' ? [true, false] : [false, false], route.path).toEqual(
        named
      );
      expect(route.bodyLimit > 0, route.path).toBe(route.body !== 'none');
      expect(route.body === 'json' && !isLfs(route) ? route.schema?.body : {}, route.path).toBeDefined();
      expect(route.method === 'GET' ? route.body : 'none', `${route.path}: GET changes nothing`).toBe('none');
    }
    const names = holder.hub.routes.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('refuses who has no token, a wrong one, or one that is over', async () => {
    await makeTeam(holder.hub, 'shut');
    holder.hub.tokens.delete('gone-token');
    for (const route of closedRoutes()) {
      for (const who of [{}, { user: 'nobody' }, { user: 'gone' }, { headers: { authorization: 'Basic eA==' } }]) {
        const { status, text } = await ask(route.method, pathOf(route, 'shut'), { ...bodyFor(route), ...who });
        expect([401, 429], `${route.method} ${route.path} ${text}`).toContain(status);
      }
    }
  });

  it('shows a stranger the same as if there were nothing', async () => {
    await makeTeam(holder.hub, 'secret');
    for (const route of closedRoutes().filter(({ need }) => need.on === 'project' || need.on === 'namespace')) {
      const query = route.path.endsWith('/info/refs')
        ? '?service=git-upload-pack'
        : route.path.endsWith('/may-push')
          ? '?branch=main'
          : '';
      const body = bodyOf(route);
      const there = await ask(route.method, pathOf(route, 'secret') + query, { user: 'max', ...body });
      const nowhere = await ask(route.method, pathOf(route, 'nowhere') + query, { user: 'max', ...body });
      expect(there.status, `${route.method} ${route.path} ${there.text}`).toBe(404);
      expect(there.text.replaceAll('secret', 'NAME')).toBe(nowhere.text.replaceAll('nowhere', 'NAME'));
    }
  });

  it('lets a viewer change nothing', async () => {
    await makeTeam(holder.hub, 'read-only', { vera: 'viewer' });
    const before = await holder.hub.namespaces('olga').view('read-only');
    for (const route of closedRoutes().filter(({ method, need }) => method !== 'GET' && need.on !== 'place')) {
      const reads = /who-can|presence|git-upload-pack|assets\/(has|locate|manifest)$|locks\/verify/.test(route.path);
      const { status, text } = await ask(route.method, pathOf(route, 'read-only'), { user: 'vera', ...bodyOf(route) });
      // What contents need is tested with them; here, that nothing is changed by what no schema takes.
      const refused = isOfContents(route) ? status >= 400 && status < 500 : status === 403;
      expect(reads || refused, `${route.method} ${route.path} ${status} ${text}`).toBe(true);
    }
    expect(await holder.hub.namespaces('olga').view('read-only')).toEqual(before);
  });

  it('takes no more than it says, wherever the length stands', async () => {
    await makeTeam(holder.hub, 'large', { edi: 'editor' });
    for (const route of closedRoutes().filter(({ body, bodyLimit }) => body === 'json' && bodyLimit < 4_000_000)) {
      const body = `{"x":"${'y'.repeat(route.bodyLimit)}"}`;
      for (const headers of [{}, { 'transfer-encoding': 'chunked' }] as Record<string, string>[]) {
        const { status } = await ask(route.method, pathOf(route, 'large'), { user: 'olga', body, headers });
        expect([413, 429], route.path).toContain(status);
      }
    }
  });

  it('answers what is no request of ours with a typed failure that is never a page', async () => {
    const bodies = [
      '',
      '{',
      '[]',
      'null',
      '{"type":"__proto__"}',
      '{"__proto__":{"admin":true}}',
      '{"constructor":{"prototype":{}}}'
    ];
    for (const body of bodies) {
      const { status, headers, text } = await ask('POST', '/api/v1/namespaces/large/changes', { user: 'olga', body });
      expect([body, status]).toEqual([body, 400]);
      expect(JSON.parse(text)).toMatchObject({ error: { code: 'USAGE' } });
      expect(headers['content-type']).toMatch(/^application\/json/);
    }
    const form = await ask('POST', '/api/v1/namespaces', {
      user: 'olga',
      body: 'name=x',
      headers: { 'content-type': 'application/x-www-form-urlencoded' }
    });
    expect(form.status).toBe(400);
  });
});

/** What each of these routes takes, so that the refusal comes from the right and not from the form. */
function bodyOf(route: HubRoute): { readonly body?: string } {
  const project = { kind: 'project', project: 'iris' };
  const bodies: Record<string, unknown> = {
    '/changes': { type: 'set', title: 'mine now' },
    '/links': { right: 'view', object: project, gives: 'grant', uses: 'many', workspace: null },
    '/who-can': { object: project },
    '/presence': { mine: null }
  };
  const found = Object.keys(bodies).find(end => route.path.endsWith(end));
  return route.body === 'none' ? {} : { body: found ? JSON.stringify(bodies[found]) : '0000' };
}

describe('names and paths', () => {
  it('do not lead to other namespaces, files or projects', async () => {
    await makeTeam(holder.hub, 'team', { max: 'viewer' });
    await makeTeam(holder.hub, 'team-2');
    const paths = [
      '/api/v1/namespaces/team%2f..%2fteam-2',
      '/api/v1/namespaces/team/../team-2',
      '/api/v1/namespaces/team/projects/..%2f..%2fteam-2%2fprojects%2firis',
      '/api/v1/namespaces/team-2/projects/iris',
      '/team/../team-2/iris.git/info/refs?service=git-upload-pack',
      '/team-2/iris.git/info/refs?service=git-upload-pack',
      '/team/iris.git/../../team-2/iris.git/info/refs?service=git-upload-pack',
      '/team/iris.git/objects/info/packs',
      '/team/iris.git/HEAD',
      '/team/iris.git/config',
      '/team/..%2f..%2f..%2fetc%2fpasswd.git/info/refs?service=git-upload-pack',
      '/team/%00.git/info/refs?service=git-upload-pack',
      '/team/iris.git.git/info/refs?service=git-upload-pack',
      '//team-2/iris.git/info/refs?service=git-upload-pack'
    ];
    for (const path of paths) {
      const { status, text } = await ask('GET', path, { user: 'max' });
      expect([400, 404], `${path} ${status} ${text}`).toContain(status);
      expect(text).not.toContain('root:');
    }
  });

  it('are answered as data, also when they are markup', async () => {
    const olga = holder.hub.namespaces('olga');
    await makeTeam(holder.hub, 'markup');
    const evil = '<script>alert(1)</script>';
    await olga.change('markup', { type: 'set', title: evil });
    await olga.change('markup', { type: 'set-project', name: 'iris', description: evil });
    await expect(
      olga.create({ name: evil, kind: 'team', title: evil, label: 'unclassified', git: null })
    ).rejects.toThrow(expect.objectContaining({ code: 'NAME_INVALID' }));
    for (const path of ['/api/v1/namespaces/markup', '/api/v1/namespaces', `/${encodeURIComponent(evil)}`]) {
      const { headers } = await ask('GET', path, { user: 'olga' });
      expect(headers['content-type']).toMatch(/^application\/json/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    }
  });

  it('of the operator are nobody else’s', async () => {
    expect((await ask('GET', '/metrics')).status).toBe(200);
    expect((await ask('GET', '/metrics', { headers: { 'x-forwarded-for': '10.0.0.1' } })).status).toBe(404);
    const token = { 'x-forwarded-for': '10.0.0.1', authorization: 'Bearer operator' };
    expect((await ask('GET', '/metrics', { headers: token })).text).toContain('branchbook_hub_request_seconds');
  });
});

describe('what is sent to git', () => {
  const receive = (name: string): string => `/${name}/iris.git/git-receive-pack`;
  const headers = { 'content-type': 'application/x-git-receive-pack-request' };
  const pushOf = (pack: Buffer): Buffer => {
    const line = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/main\0report-status\n`;
    return Buffer.concat([Buffer.from((line.length + 4).toString(16).padStart(4, '0') + line + '0000'), pack]);
  };

  it('is refused when it is no pack, cut short, or another than it says, and leaves nothing', async () => {
    await makeTeam(holder.hub, 'broken', { edi: 'editor' });
    const packs = [
      Buffer.alloc(0),
      Buffer.from('PACK'),
      Buffer.from('PACK\0\0\0\x02\0\0\0\x05nonsense'),
      Buffer.alloc(100_000, 'x')
    ];
    for (const pack of packs) {
      const { status, text } = await ask('POST', receive('broken'), { user: 'edi', headers, body: pushOf(pack) });
      expect(status).toBe(200);
      expect(text).toMatch(/unpack (?!ok)/);
    }
    const refs = await ask('GET', '/broken/iris.git/info/refs?service=git-upload-pack', { user: 'edi' });
    expect(refs.text).not.toContain('refs/heads/main');
  });

  it('may not unpack to more than fits: compressed bodies and objects are bounded', async () => {
    await makeTeam(holder.hub, 'bombs', { edi: 'editor' });
    // 64 MiB of nothing in 64 KiB: git reads it as far as the first pack's end, which never comes.
    const body = gzipSync(pushOf(Buffer.alloc(64 * 1024 * 1024)));
    const zipped = await ask('POST', receive('bombs'), {
      user: 'edi',
      headers: { ...headers, 'content-encoding': 'gzip' },
      body
    });
    expect(zipped.text).toMatch(/unpack (?!ok)/);
    const { status, text } = await ask('POST', receive('bombs'), {
      user: 'edi',
      headers,
      body: pushOf(packOfCopies())
    });
    expect(status).toBe(200);
    expect(text).toMatch(/unpack (?!ok)/);
  });
});

/** A pack of some kilobytes in which a delta makes 600 MiB: each byte of it copies 64 KiB. */
function packOfCopies(): Buffer {
  const base = Buffer.alloc(64 * 1024);
  const id = createHash('sha1').update(`blob ${base.length}\0`).update(base).digest();
  const copies = 9_600;
  const delta = Buffer.concat([inSevens(base.length), inSevens(copies * base.length), Buffer.alloc(copies, 0x80)]);
  const head = Buffer.from('5041434b0000000200000002', 'hex');
  const whole = Buffer.concat([entryHeader(3, base.length), deflateSync(base)]);
  const body = Buffer.concat([head, whole, entryHeader(7, delta.length), id, deflateSync(delta)]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

function inSevens(number: number): Buffer {
  const bytes: number[] = [];
  for (let rest = number; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      return Buffer.from([...bytes, rest]);
    }
    bytes.push((rest % 128) | 0x80);
  }
}

function entryHeader(kind: number, size: number): Buffer {
  const rest = Math.floor(size / 16);
  const first = (kind << 4) | (size % 16);
  return rest === 0 ? Buffer.from([first]) : Buffer.concat([Buffer.from([first | 0x80]), inSevens(rest)]);
}
