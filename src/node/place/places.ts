/** How this user gets to places: which they used, the tokens of hubs, and one connection to each. */
import { BranchbookError, hasCode } from '../../core/error';
import type { Identity } from '../../core/model/access';
import { kindOfPlace } from '../../core/model/place-address';
import type { PlaceKind } from '../../core/model/place-address';
import type {
  Activity,
  IClock,
  IContributors,
  IFileSystem,
  IPlace,
  IPlaces,
  IProcesses,
  IServerSharing,
  KnownPlace
} from '../../core/port';
import { KubeflowContributors } from '../compute/kubeflow';
import { ServerSharing } from '../compute/server-sharing';
import { requestJson } from '../http/json';
import type { Connector } from './connector';
import { signInByDevice, signInFailed } from './device-sign-in';
import { jupyterHubToken, namedHub, normalHubAddress } from './hub-address';
import type { Environment } from '../process/environment';
import { PlacesFile } from './places-file';
import { whyNoHub } from './probe-hub';

/** Milliseconds: that a place was used again is written down at most so often. */
const USED_GRAIN = 3_600_000;
/** Milliseconds in which a hub must take back a token. */
const PATIENCE = 5_000;

export type PlacesOptions = {
  readonly files: IFileSystem;
  readonly clock: IClock;
  readonly processes: () => Promise<IProcesses>;
  /** The folder of all programs' settings: `~/.config`. */
  readonly configuration: string;
  readonly environment: Environment;
  readonly connectors: { readonly [K in PlaceKind]: Connector };
};

export class Places implements IPlaces {
  private readonly _file: PlacesFile;
  private readonly _open = new Map<string, Promise<IPlace>>();

  constructor(private readonly _options: PlacesOptions) {
    this._file = new PlacesFile(_options.files, _options.configuration, _options.processes);
  }

  async connect(address: string): Promise<IPlace> {
    const { kind, normal } = normalize(address);
    const place = await this._connectOnce(kind, normal);
    await this._noteUse(kind, normal);
    return place;
  }

  async known(): Promise<readonly KnownPlace[]> {
    const entries = await this._file.read();
    const used: readonly KnownPlace[] = entries.map(({ address, kind, used }) => ({ address, kind, used }));
    // Whoever works in a server of a team's need not be told where the team's hub is.
    const named = namedHub(this._options.environment);
    const isNew = named !== null && used.every(({ address }) => address !== named);
    const known = isNew ? [...used, { address: named, kind: 'hub' as const, used: 0 }] : used;
    return [...known].sort((a, b) => b.used - a.used);
  }

  async signIn(address: string, token: string | null, activity: Activity): Promise<Identity> {
    const { kind, normal } = normalize(address);
    if (kind !== 'hub') {
      return this._systemIdentity(normal, token);
    }
    const lent = token === null ? jupyterHubToken(normal, this._options.environment) : null;
    if (lent !== null) {
      const identity = await this._tryToken(normal, lent);
      await this._remember(normal, null);
      return identity;
    }
    await requireHub(normal);
    const own = token ?? (await signInByDevice(normal, this._options.clock, activity));
    const identity = await this._tryToken(normal, own);
    await this._remember(normal, own);
    return identity;
  }

  async signOut(address: string): Promise<boolean> {
    const { normal } = normalize(address);
    const entry = await this._file.find(normal);
    if (entry === null) {
      throw new BranchbookError('PLACE_UNKNOWN', `${normal} is not among the places you used.`, { place: normal });
    }
    // First here: whatever becomes of asking the hub, this machine has the token no more.
    await this._file.set(normal, () => null);
    await this._forget(normal);
    return entry.token === undefined || revokeAtHub(normal, entry.token);
  }

  async isPlace(address: string): Promise<boolean> {
    const kind = kindOfPlace(address);
    return kind !== null && this._options.connectors[kind].isPlace(address);
  }

  serverSharing(): IServerSharing {
    return new ServerSharing(this._options.environment);
  }

  contributors(address: string): IContributors {
    return new KubeflowContributors(address, this._options.environment);
  }

  async close(): Promise<void> {
    await Promise.all([...this._open.keys()].map(address => this._forget(address)));
  }

  private _connectOnce(kind: PlaceKind, address: string): Promise<IPlace> {
    const open = this._open.get(address);
    if (open) {
      return open;
    }
    const token = (): Promise<string | null> => (kind === 'hub' ? this._tokenFor(address) : Promise.resolve(null));
    const opening = this._options.connectors[kind].connect(address, token).catch((error: unknown) => {
      this._open.delete(address);
      throw error;
    });
    this._open.set(address, opening);
    return opening;
  }

  /** What the user signed in with, else what JupyterHub lends. */
  private async _tokenFor(address: string): Promise<string | null> {
    return (await this._file.find(address))?.token ?? jupyterHubToken(address, this._options.environment);
  }

  /** Who the token makes us to the hub; nothing is kept. SIGN_IN_FAILED. */
  private async _tryToken(address: string, token: string): Promise<Identity> {
    const place = await this._options.connectors.hub.connect(address, () => Promise.resolve(token));
    try {
      return await place.namespaces.whoAmI();
    } catch (error) {
      if (hasCode(error, 'SIGNED_OUT')) {
        throw signInFailed(address, 'the token is unknown, expired or revoked');
      }
      throw error;
    } finally {
      await place.close();
    }
  }

  private async _systemIdentity(address: string, token: string | null): Promise<Identity> {
    if (token !== null) {
      throw signInFailed(address, 'folders and buckets know you by your system’s account, not by a token');
    }
    return (await this.connect(address)).namespaces.whoAmI();
  }

  private async _remember(address: string, token: string | null): Promise<void> {
    const entry = { address, kind: 'hub' as const, used: this._options.clock.now() };
    await this._file.set(address, () => (token === null ? entry : { ...entry, token }));
  }

  private async _noteUse(kind: PlaceKind, address: string): Promise<void> {
    const now = this._options.clock.now();
    const entry = await this._file.find(address);
    if (entry && now - entry.used < USED_GRAIN) {
      return;
    }
    try {
      await this._file.set(address, before => ({ ...before, address, kind, used: now }));
    } catch (error) {
      // A home that cannot be written does not keep anybody from working: the place is only not listed.
      if (!hasCode(error, 'PERMISSION_DENIED', 'DISK_FULL', 'IO', 'LOCKED')) {
        throw error;
      }
    }
  }

  private async _forget(address: string): Promise<void> {
    const open = this._open.get(address);
    this._open.delete(address);
    await (await open?.catch(() => null))?.close();
  }
}

/** Before anybody is asked for a token. PLACE_UNKNOWN, PLACE_UNREACHABLE. */
async function requireHub(address: string): Promise<void> {
  const failure = await whyNoHub(address);
  if (failure !== null) {
    throw failure;
  }
}

/** True when the token is worth nothing any more. */
async function revokeAtHub(address: string, token: string): Promise<boolean> {
  try {
    const headers = { authorization: `Bearer ${token}` };
    const { status } = await requestJson(`${address}/api/v1/login`, { method: 'DELETE', headers, patience: PATIENCE });
    // 401: it was revoked or expired before.
    return status === 401 || (status >= 200 && status < 300);
  } catch (error) {
    if (hasCode(error, 'PLACE_UNREACHABLE')) {
      return false;
    }
    throw error;
  }
}

function normalize(address: string): { readonly kind: PlaceKind; readonly normal: string } {
  const kind = kindOfPlace(address);
  if (kind === null) {
    throw new BranchbookError(
      'ADDRESS_INVALID',
      `${JSON.stringify(address)} is no address of a place.`,
      { address },
      'A place is a folder (/srv/team), a bucket (s3://…, az://…, gs://…) or a hub (https://…).'
    );
  }
  return { kind, normal: kind === 'hub' ? normalHubAddress(address) : address.replace(/(?<=.)\/+$/, '') };
}
