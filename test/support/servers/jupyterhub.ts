/** JupyterHub with the example's configuration, its own proxy, two people, and their real servers. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { JupyterHubSettings } from '../../../src/service/hub/identity/jupyterhub';
import type { PageBrowser } from '../identity-hub';
import { findProgram, freePort, startServer } from './server';
import type { Server } from './server';

const example = resolve(__dirname, '..', '..', '..', 'examples', 'jupyterhub_config.py');
const SERVICE_TOKEN = 'service-token-of-the-test';
const ADMIN_TOKEN = 'admin-token-of-the-test';

export type TestJupyterHub = Server & {
  readonly settings: JupyterHubSettings;
  /** Where the service listens, and where browsers find it. */
  readonly servicePort: number;
  readonly serviceUrl: string;
  /** A second service, and what JupyterHub tells those that it starts. */
  readonly shippedUrl: string;
  readonly shippedEnvironment: Readonly<Record<string, string>>;
  /** A token of this person with these scopes. */
  token(user: string, scopes: readonly string[]): Promise<string>;
  api(path: string, init?: RequestInit): Promise<Response>;
  /** Sign in at JupyterHub itself. */
  signIn(browser: PageBrowser, user: string): Promise<void>;
};

export async function startJupyterHub(): Promise<TestJupyterHub> {
  const folder = mkdtempSync(join(tmpdir(), 'branchbook-jupyterhub-'));
  const [hubPort, proxyPort, servicePort, shippedPort] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort()
  ]);
  const config = join(folder, 'jupyterhub_config.py');
  mkdirSync(join(folder, 'home'));
  const server = await startServer('jupyterhub', port => {
    writeFileSync(config, configuration({ folder, port, hubPort, proxyPort, servicePort, shippedPort }));
    return {
      endsItself: true,
      argv: ['--config', config],
      env: { JUPYTERHUB_CRYPT_KEY: '0'.repeat(64), PYTHONUNBUFFERED: '1' }
    };
  });
  const apiUrl = `http://127.0.0.1:${hubPort}/hub/api`;
  const api = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${apiUrl}${path}`, { ...init, headers: { authorization: `token ${ADMIN_TOKEN}`, ...init.headers } });
  await until(async () => (await api('/users')).ok);
  await until(async () => (await fetch(`${server.url}/hub/login`)).ok);
  return {
    ...server,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    servicePort,
    serviceUrl: `${server.url}/services/branchbook`,
    shippedUrl: `${server.url}/services/shipped`,
    shippedEnvironment: {
      JUPYTERHUB_SERVICE_NAME: 'shipped',
      JUPYTERHUB_SERVICE_PREFIX: '/services/shipped/',
      JUPYTERHUB_SERVICE_URL: `http://127.0.0.1:${shippedPort}`,
      JUPYTERHUB_PUBLIC_URL: `${server.url}/services/shipped/`,
      JUPYTERHUB_API_URL: apiUrl,
      JUPYTERHUB_API_TOKEN: `${SERVICE_TOKEN}-shipped`,
      JUPYTERHUB_CLIENT_ID: 'service-shipped',
      JUPYTERHUB_BASE_URL: '/'
    },
    settings: {
      service: 'branchbook',
      apiUrl,
      apiToken: SERVICE_TOKEN,
      browserUrl: '/hub',
      clientId: 'service-branchbook',
      callback: '/services/branchbook/oauth_callback'
    },
    api,
    token: async (user, scopes) => {
      const body = JSON.stringify({ note: 'test', expires_in: 3600, scopes });
      const response = await api(`/users/${user}/tokens`, { method: 'POST', body });
      const answer = (await response.json()) as { readonly token?: string };
      if (!answer.token) {
        throw new Error(JSON.stringify(answer));
      }
      return answer.token;
    },
    signIn: async (browser, user) => {
      const page = await browser.get(`${server.url}/hub/login`);
      const xsrf = /name="_xsrf" value="([^"]+)"/.exec(page.text)![1]!;
      const answer = await browser.post(`${server.url}/hub/login?next=%2Fhub%2Fhome`, {
        _xsrf: xsrf,
        username: user,
        password: 'the password of the test'
      });
      if (!browser.cookie('jupyterhub-hub-login')) {
        throw new Error(`JupyterHub let ${user} not in: ${answer.status} ${answer.text}`);
      }
    }
  };
}

/** Ask until it answers as it should; a refused connection is no answer. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await isSo().catch(() => false))) {
    if (Date.now() > deadline) {
      throw new Error(`${isSo.toString()} did not come true`);
    }
    await new Promise(done => setTimeout(done, 100));
  }
}

type Ports = { [P in 'port' | 'hubPort' | 'proxyPort' | 'servicePort' | 'shippedPort']: number };

function configuration({ folder, ...ports }: Ports & { folder: string }): string {
  const { port, hubPort, proxyPort, servicePort, shippedPort } = ports;
  return `
load_subconfig(${JSON.stringify(example)})
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:${port}"
c.JupyterHub.public_url = "http://127.0.0.1:${port}/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:${hubPort}"
c.ConfigurableHTTPProxy.command = [${JSON.stringify(process.execPath)}, ${JSON.stringify(findProgram('configurable-http-proxy'))}]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:${proxyPort}"
c.JupyterHub.db_url = "sqlite:///${folder}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "${folder}/cookie_secret"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "the password of the test"
c.Authenticator.allowed_users = {"anna", "ben"}
c.Authenticator.admin_users = {"anna"}
c.JupyterHub.load_groups = {"vision": {"users": ["ben"]}}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "${folder}/home/{username}"
c.Spawner.cmd = [${JSON.stringify(findProgram('jupyterhub-singleuser'))}]
c.Spawner.args = ["--allow-root"]
service = dict(c.JupyterHub.services[0], url="http://127.0.0.1:${servicePort}", api_token="${SERVICE_TOKEN}")
del service["command"]
shipped = dict(service, name="shipped", url="http://127.0.0.1:${shippedPort}", api_token="${SERVICE_TOKEN}-shipped")
c.JupyterHub.services = [service, shipped, {"name": "tests", "api_token": "${ADMIN_TOKEN}"}]
c.JupyterHub.load_roles = c.JupyterHub.load_roles + [
    {
        "name": "tests",
        "services": ["tests"],
        "scopes": ["admin:users", "admin:servers", "tokens", "admin:groups", "shares", "custom:branchbook:manage", "access:services"],
    }
]
`;
}
