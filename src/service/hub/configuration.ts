/** How a hub runs: from arguments, else the environment, else defaults; checked before anything is opened. */
import { fileURLToPath } from 'node:url';
import type { HubArguments } from '../../cli/context';
import { BranchbookError } from '../../core/error';
import { isLoopbackAddress } from './credentials';
import type { OidcSettings } from './identity/oidc';

export type HubConfiguration = {
  /** Absolute. */
  readonly data: string;
  /** `postgres://…`; null = embedded, in the data folder. */
  readonly database: string | null;
  /** Address of a bucket; null = a folder in the data folder. */
  readonly store: string | null;
  readonly host: string;
  /** 0 = any that is free. */
  readonly port: number;
  /** As people write it, without a slash at the end; null = where it listens. */
  readonly url: string | null;
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly behindProxy: boolean;
  readonly operatorToken: string | null;
};

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_LISTEN = '127.0.0.1:8420';

/** USAGE, with what is wrong and what to write. */
export function readConfiguration(args: HubArguments, environment: Environment, home: string): HubConfiguration {
  const service = serviceOfJupyterHub(environment);
  const listen = args.listen ?? service?.listen ?? DEFAULT_LISTEN;
  const { host, port } = parseListen(listen);
  const tls = tlsOf(args);
  const behindProxy = args.behindProxy ?? service !== null;
  if (!isLoopback(host) && !tls && !behindProxy) {
    throw usage(
      'listen',
      `${host} can be reached from other machines, and passwords would travel in the clear`,
      'Give --tls-cert and --tls-key, or --behind-proxy when a proxy in front of the hub does TLS.'
    );
  }
  const data = environment['XDG_DATA_HOME'] || `${home}/.local/share`;
  return {
    data: args.data ?? environment['BRANCHBOOK_HUB_DATA'] ?? `${data}/branchbook-hub`,
    database: checkScheme('database', args.database ?? environment['BRANCHBOOK_HUB_DATABASE'], /^postgres(ql)?:\/\//),
    store: checkScheme('store', args.store ?? environment['BRANCHBOOK_HUB_STORE'], /^(s3|az|gs|file):\/\//),
    host,
    port,
    url: publicUrl(args.url ?? environment['BRANCHBOOK_HUB_URL'] ?? service?.url() ?? null),
    tls,
    behindProxy,
    operatorToken: environment['BRANCHBOOK_HUB_OPERATOR_TOKEN'] || null
  };
}

type Service = { readonly listen: string; readonly url: () => string };

/**
 * JupyterHub starts its services behind its own proxy, and says where to listen and where people find them. null where it
 * started something else, as the server that somebody types `branchbook hub` in.
 */
function serviceOfJupyterHub(environment: Environment): Service | null {
  const { JUPYTERHUB_SERVICE_NAME: name, JUPYTERHUB_SERVICE_URL: listen, JUPYTERHUB_PUBLIC_URL: url } = environment;
  if (!name || !listen) {
    return null;
  }
  return {
    listen: new URL(listen).host,
    url: () => {
      if (!url) {
        throw usage(
          'url',
          'it is a service of JupyterHub, which does not say at which address people find it',
          'Set c.JupyterHub.public_url, as examples/jupyterhub_config.py does.'
        );
      }
      return url;
    }
  };
}

/** OpenID Connect, where `BRANCHBOOK_HUB_OIDC_ISSUER` says so; it needs the address that browsers come back to. */
export function oidcSettings(environment: Environment, url: string | null): OidcSettings | null {
  const of = (name: string): string | null => environment[`BRANCHBOOK_HUB_OIDC_${name}`] || null;
  const issuer = of('ISSUER');
  if (issuer === null) {
    return null;
  }
  const clientId = of('CLIENT_ID');
  const clientSecret = of('CLIENT_SECRET');
  if (clientId === null || clientSecret === null || url === null) {
    throw usage(
      'url',
      'signing in by OpenID Connect needs --url, BRANCHBOOK_HUB_OIDC_CLIENT_ID and …_CLIENT_SECRET',
      'Register `<url>/login/callback` with the provider, and give what it gives you.'
    );
  }
  return {
    ...{ issuer, clientId, clientSecret },
    title: of('TITLE') ?? new URL(issuer).host,
    callback: `${url}/login/callback`,
    scopes: (of('SCOPES') ?? 'profile email').split(/[ ,]+/),
    userClaim: of('USER_CLAIM') ?? 'preferred_username',
    groupsClaim: of('GROUPS_CLAIM') ?? 'groups',
    adminGroup: of('ADMIN_GROUP')
  };
}

/** The folder of contents; null when they lie in a cloud. */
export function storeFolder({ store, data }: HubConfiguration): string | null {
  return store === null ? `${data}/store` : store.startsWith('file://') ? fileURLToPath(store) : null;
}

function parseListen(listen: string): { readonly host: string; readonly port: number } {
  const [, host = '', digits] = /^(.*?):?(\d{1,5})$/.exec(listen) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw usage('listen', `${JSON.stringify(listen)} is no host:port`, `Write it like ${DEFAULT_LISTEN}.`);
  }
  return { host: host === '' ? '127.0.0.1' : host.replace(/^\[(.*)\]$/, '$1'), port };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}

function tlsOf({ tlsCert, tlsKey }: HubArguments): HubConfiguration['tls'] {
  if (tlsCert === undefined && tlsKey === undefined) {
    return null;
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw usage('tls', 'a certificate needs its key, and a key its certificate', 'Give both --tls-cert and --tls-key.');
  }
  return { cert: tlsCert, key: tlsKey };
}

/** The value may hold a password: it is not repeated. */
function checkScheme(argument: string, value: string | undefined, scheme: RegExp): string | null {
  if (value && !scheme.test(value)) {
    throw usage(argument, 'it does not begin as it should', `Run \`branchbook hub --help\` to see how.`);
  }
  return value || null;
}

function publicUrl(text: string | null): string | null {
  if (text === null) {
    return null;
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash) {
    throw usage('url', 'it is no http(s) address', 'Write it like https://hub.example.org.');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function usage(argument: string, reason: string, hint: string): BranchbookError {
  return new BranchbookError('USAGE', `The hub cannot run so: --${argument}: ${reason}.`, { argument, reason }, hint);
}
