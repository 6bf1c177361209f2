/** What an address that people write leads to. */
import { kindOfPlace, parseProjectAddress } from '../model/place-address';
import type { IPlaces } from '../port';
import { requireAssetsSetting } from './configured';
import type { Remote } from './configured';

/** What to write for an address: a project of a place, or whatever git understands. */
export async function describeRemote(places: IPlaces, name: string, address: string, assets?: string): Promise<Remote> {
  const shared = await asSharedProject(places, address);
  const remote = {
    name,
    url: shared?.url ?? address,
    shared: shared?.address ?? null,
    assets: assets ?? (shared ? 'place' : 'lfs')
  };
  requireAssetsSetting(remote.assets, remote.shared);
  return remote;
}

/** null for addresses that are in no place of ours. */
export async function asSharedProject(
  places: IPlaces,
  address: string
): Promise<{ readonly address: string; readonly url: string } | null> {
  const trimmed = address.replace(/\/+$/, '');
  if (kindOfPlace(trimmed) === null) {
    return null;
  }
  let parsed;
  try {
    parsed = parseProjectAddress(trimmed);
  } catch {
    return null;
  }
  if (kindOfPlace(trimmed) !== 'bucket' && !(await places.isPlace(parsed.place))) {
    return null;
  }
  const place = await places.connect(parsed.place);
  const shared = await place.project(parsed.namespace, parsed.project);
  return { address: trimmed, url: shared.history.url };
}
