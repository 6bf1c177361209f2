/** Access management of Kubeflow as its published interface describes it: bindings of people to profiles, kept in memory. */
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type KfamBinding = {
  readonly kind: string;
  readonly name: string;
  readonly profile: string;
  readonly role: string;
};

export type TestKfam = {
  readonly url: string;
  readonly bindings: KfamBinding[];
  /** What was asked: method, path and user. */
  readonly asked: string[];
  close(): Promise<void>;
};

/** `subject`: newer versions; `user`: older ones. */
export type KfamDialect = 'subject' | 'user';

/** `owners`: of each profile, who may change its bindings; `admin@example.org` administers the cluster. */
export async function startKfam(dialect: KfamDialect, owners: Readonly<Record<string, string>>): Promise<TestKfam> {
  const bindings: KfamBinding[] = [];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://kfam.test');
    const user = request.headers['kubeflow-userid'];
    asked.push(`${request.method} ${url.pathname}${url.search} ${String(user)}`);
    void read(request).then(text => {
      const answer = (status: number, body = ''): void => void response.writeHead(status).end(body);
      if (url.pathname !== '/kfam/v1/bindings') {
        return answer(404);
      }
      if (request.method === 'GET') {
        const profile = url.searchParams.get('namespace');
        const found = bindings.filter(each => profile === null || each.profile === profile);
        return answer(200, JSON.stringify({ bindings: found.map(each => written(dialect, each)) }));
      }
      const binding = parsed(dialect, text);
      if (request.method !== 'POST' || binding === null) {
        return answer(403, 'not understood');
      }
      if (user !== owners[binding.profile] && user !== 'admin@example.org') {
        return answer(403);
      }
      if (bindings.some(each => JSON.stringify(each) === JSON.stringify(binding))) {
        return answer(403, 'already exists');
      }
      bindings.push(binding);
      return answer(200);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bindings,
    asked,
    close: () => new Promise(resolve => server.close(() => resolve()))
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) {
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function written(dialect: KfamDialect, { kind, name, profile, role }: KfamBinding): object {
  const roleRef = { kind: 'ClusterRole', name: role };
  return dialect === 'user'
    ? { user: { kind, name }, referredNamespace: profile, roleRef }
    : { subject: { kind, name }, referredNamespace: profile, RoleRef: roleRef };
}

/** Names of fields count without their case, and others are passed over. */
function parsed(dialect: KfamDialect, text: string): KfamBinding | null {
  type Fields = { readonly [field: string]: { readonly kind?: string; readonly name?: string } | string | undefined };
  const fields = Object.fromEntries(
    Object.entries(JSON.parse(text) as Fields).map(([field, value]) => [field.toLowerCase(), value])
  );
  const [who, role, profile] = [fields[dialect], fields['roleref'], fields['referrednamespace']];
  if (
    typeof who !== 'object' ||
    typeof role !== 'object' ||
    typeof profile !== 'string' ||
    role.kind !== 'ClusterRole'
  ) {
    return null;
  }
  return { kind: who.kind!, name: who.name!, profile, role: role.name! };
}
