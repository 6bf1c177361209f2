/** JupyterHub 5's sharing of the server that this runs in, with the token that the server has. */
import { BranchbookError } from '../../core/error';
import type { ComputeResult } from '../../core/model/sharing';
import type { IServerSharing, ServerReceiver } from '../../core/port';
import { requestJson } from '../http/json';
import type { JsonAnswer, JsonRequest } from '../http/json';
import type { Environment } from '../process/environment';

type ShareModel = {
  readonly user: { readonly name: string } | null;
  readonly group: { readonly name: string } | null;
  readonly created_at: string;
};
type CodeModel = { readonly id: string; readonly created_at: string; readonly expires_at: string | null };

export class ServerSharing implements IServerSharing {
  private readonly _server: string;

  /** COMPUTE_UNAVAILABLE when this runs in no server of a JupyterHub's. */
  constructor(private readonly _environment: Environment) {
    const { JUPYTERHUB_USER: user, JUPYTERHUB_API_TOKEN: token, JUPYTERHUB_API_URL: url } = _environment;
    if (!user || !token || !url) {
      throw unavailable('this is no server of a JupyterHub');
    }
    const server = _environment['JUPYTERHUB_SERVER_NAME'] ?? '';
    this._server = `${encodeURIComponent(user)}/${encodeURIComponent(server)}`;
  }

  async list(): Promise<Required<Pick<ComputeResult, 'shares' | 'codes'>>> {
    const [shares, codes] = await Promise.all([
      this._ask<{ readonly items: readonly ShareModel[] }>(`/shares/${this._server}`),
      this._ask<{ readonly items: readonly CodeModel[] }>(`/share-codes/${this._server}`)
    ]);
    return {
      shares: shares.items.map(({ user, group, created_at: created }) => ({
        principal: user ? { kind: 'user', name: user.name } : { kind: 'group', name: group?.name ?? '' },
        created
      })),
      codes: codes.items.map(({ id, created_at: created, expires_at: expires }) => ({ id, created, expires }))
    };
  }

  async share(receiver: ServerReceiver): Promise<void> {
    await this._change('POST', receiver);
  }

  async link(expiresIn: number): Promise<string> {
    const body = { expires_in: expiresIn };
    const made = await this._ask<{ readonly accept_url: string; readonly full_accept_url?: string | null }>(
      `/share-codes/${this._server}`,
      { method: 'POST', body }
    );
    const hub = this._environment['JUPYTERHUB_PUBLIC_HUB_URL'] ?? this._environment['JUPYTERHUB_HOST'] ?? '';
    return made.full_accept_url ?? (hub === '' ? made.accept_url : new URL(made.accept_url, hub).href);
  }

  async unshare(receiver: ServerReceiver): Promise<void> {
    await this._change('PATCH', receiver);
  }

  async revokeCodes(): Promise<void> {
    await this._ask(`/share-codes/${this._server}`, { method: 'DELETE' });
  }

  private async _change(method: 'POST' | 'PATCH', receiver: ServerReceiver): Promise<void> {
    const answer = await this._send(`/shares/${this._server}`, { method, body: receiver });
    // There is nothing else in what we send that JupyterHub could not know.
    if (answer.status === 400 || answer.status === 404) {
      throw unknownReceiver(receiver);
    }
    accept(answer);
  }

  private async _ask<T>(path: string, request: JsonRequest = {}): Promise<T> {
    return accept(await this._send(path, request)).body as T;
  }

  private _send(path: string, request: JsonRequest): Promise<JsonAnswer> {
    const { JUPYTERHUB_API_TOKEN: token, JUPYTERHUB_API_URL: url } = this._environment;
    const headers = { authorization: `token ${token}` };
    return requestJson(`${url}${path}`, { ...request, headers });
  }
}

function accept(answer: JsonAnswer): JsonAnswer {
  if (answer.status >= 300) {
    throw refused(answer);
  }
  return answer;
}

function unknownReceiver(receiver: ServerReceiver): BranchbookError {
  const [what, name] = 'user' in receiver ? ['user', receiver.user] : ['group', receiver.group];
  return new BranchbookError(
    'ENTRY_UNKNOWN',
    `JupyterHub knows no ${what} ${JSON.stringify(name)}.`,
    { what, name },
    'It is the name that JupyterHub shows; whoever never signed in there has none yet.'
  );
}

function refused({ status, body }: JsonAnswer): BranchbookError {
  const reason = (body as { readonly message?: string } | null)?.message ?? `status ${status}`;
  return status === 403
    ? new BranchbookError(
        'FORBIDDEN',
        `JupyterHub does not let you share this server: ${reason}.`,
        { right: 'manage', object: 'server', because: [] },
        'Its administrator gives servers the scope shares!user: see docs/hub.md.'
      )
    : unavailable(`JupyterHub says: ${reason}`);
}

function unavailable(reason: string): BranchbookError {
  return new BranchbookError('COMPUTE_UNAVAILABLE', `The server cannot be shared: ${reason}.`, { reason });
}
