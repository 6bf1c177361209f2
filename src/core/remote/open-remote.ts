/** From a remote's settings to what can be talked to. */
import { parseProjectAddress, withoutSecrets } from '../model/place-address';
import type { GitRemote, IPlace, IPlaces, IRemoteAssets, ISharedProject } from '../port';
import type { Remote } from './configured';

export type OpenedRemote = {
  readonly remote: Remote;
  /** For people. */
  readonly address: string;
  readonly history: GitRemote;
  /** null for a git repository that is in no place of ours. */
  readonly place: IPlace | null;
  readonly shared: ISharedProject | null;
  /** null = the git host's own, through git-lfs. */
  readonly assets: IRemoteAssets | null;
  /** The assets are kept by a project that has another history. */
  readonly elsewhere: boolean;
};

/** PLACE_UNREACHABLE, PLACE_UNKNOWN, SIGNED_OUT, NAMESPACE_UNKNOWN, PROJECT_UNKNOWN, ADDRESS_INVALID. */
export async function openRemote(places: IPlaces, remote: Remote): Promise<OpenedRemote> {
  const { url, shared: address, assets: setting } = remote;
  const found = address === null ? null : await openShared(places, address);
  const elsewhere = setting !== 'place' && setting !== 'lfs' ? await openShared(places, setting) : null;
  const history = found?.shared.history ?? { url, headers: {} };
  const assets = elsewhere?.shared.assets ?? (setting === 'lfs' ? null : (found?.shared.assets ?? null));
  return {
    remote,
    address: address ?? withoutSecrets(url),
    history,
    place: found?.place ?? null,
    shared: found?.shared ?? null,
    assets,
    elsewhere: elsewhere !== null && elsewhere.shared.history.url !== history.url
  };
}

async function openShared(places: IPlaces, address: string): Promise<{ place: IPlace; shared: ISharedProject }> {
  const { place: where, namespace, project } = parseProjectAddress(address);
  const place = await places.connect(where);
  return { place, shared: await place.project(namespace, project) };
}
