import { describe, expect, it } from 'vitest';
import type { HubArguments } from '../../../src/cli/context';
import { readConfiguration } from '../../../src/service/hub/configuration';

const read = (args: HubArguments = {}, environment: Record<string, string> = {}) =>
  readConfiguration(args, environment, '/home/ada');
const usage = (argument: string) =>
  expect.objectContaining({ code: 'USAGE', data: expect.objectContaining({ argument }) });

describe('how a hub runs', () => {
  it('needs nothing to be said', () => {
    expect(read()).toEqual({
      data: '/home/ada/.local/share/branchbook-hub',
      database: null,
      store: null,
      host: '127.0.0.1',
      port: 8420,
      url: null,
      tls: null,
      behindProxy: false,
      operatorToken: null
    });
  });

  it.each(['0.0.0.0:8420', '[::]:8420', 'hub.example.org:443', '10.1.2.3:80'])(
    'does not listen on %s in the clear',
    listen => {
      expect(() => read({ listen })).toThrow(usage('listen'));
      expect(read({ listen, behindProxy: true }).behindProxy).toBe(true);
      expect(read({ listen, tlsCert: '/c.pem', tlsKey: '/k.pem' }).tls).toEqual({ cert: '/c.pem', key: '/k.pem' });
    }
  );

  it.each(['127.0.0.1:0', '[::1]:8420', 'localhost:1', '8420', ':8420'])('listens on %s', listen => {
    expect(read({ listen }).tls).toBeNull();
  });

  it.each(['nonsense', '127.0.0.1:99999', '127.0.0.1:x'])('refuses to listen on %s', listen => {
    expect(() => read({ listen })).toThrow(usage('listen'));
  });

  it('wants certificate and key together', () => {
    expect(() => read({ tlsCert: '/c.pem' })).toThrow(usage('tls'));
  });

  it('takes secrets from the environment, and never repeats them', () => {
    const found = read({}, { BRANCHBOOK_HUB_DATABASE: 'postgres://a:b@db/hub', BRANCHBOOK_HUB_OPERATOR_TOKEN: 't' });
    expect([found.database, found.operatorToken]).toEqual(['postgres://a:b@db/hub', 't']);
    const wrong = () => read({ database: 'mysql://root:secret@db' });
    expect(wrong).toThrow(usage('database'));
    expect(wrong).not.toThrow(/secret/);
  });

  it('listens where JupyterHub says, behind its proxy, and is found where JupyterHub is', () => {
    const service = {
      JUPYTERHUB_SERVICE_NAME: 'branchbook',
      JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:10101',
      JUPYTERHUB_PUBLIC_URL: 'https://jupyter.example.org/services/branchbook/'
    };
    const found = read({}, service);
    expect([found.host, found.port, found.behindProxy]).toEqual(['127.0.0.1', 10101, true]);
    expect(found.url).toBe('https://jupyter.example.org/services/branchbook');
    expect(read({ url: 'https://hub.example.org' }, service).url).toBe('https://hub.example.org');
    expect(() => read({}, { ...service, JUPYTERHUB_PUBLIC_URL: '' })).toThrow(usage('url'));
  });

  it('is no service in somebody’s server, where JupyterHub says as much of that server', () => {
    const server = { JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:40404/user/ada/', JUPYTERHUB_PUBLIC_URL: '' };
    expect(read({}, server)).toEqual(read());
  });

  it('keeps the path of its public address', () => {
    expect(read({ url: 'https://hub.example.org/services/branchbook/' }).url).toBe(
      'https://hub.example.org/services/branchbook'
    );
    expect(() => read({ url: 'ftp://hub.example.org' })).toThrow(usage('url'));
    expect(() => read({ url: 'https://a:b@hub.example.org' })).toThrow(usage('url'));
  });
});
