/** The composition root of places: how this machine gets to folders, buckets and hubs. */
import { homedir } from 'node:os';
import type { IPlaces } from '../core/port';
import { disk } from '../node/fs/disk';
import { HubAssets } from '../node/hub/assets-client';
import { HubPlace } from '../node/hub/place';
import { documentConnector } from '../node/place/connect-documents';
import type { Connector } from '../node/place/connector';
import { Places } from '../node/place/places';
import { isHub } from '../node/place/probe-hub';
import { openProcesses } from '../node/process/processes';
import { clock, random } from '../node/process/time';

const hub: Connector = {
  connect: async (address, token) =>
    new HubPlace({
      address,
      token,
      assets: (http, project) => new HubAssets(http, project)
    }),
  isPlace: isHub
};

/** Nothing is opened, read or loaded before it is needed. */
export function createPlaces(): IPlaces {
  const documents = documentConnector({
    ...{ files: disk, clock, random },
    processes: openProcesses,
    environment: process.env,
    caches: cacheFolder(process.env)
  });
  return new Places({
    files: disk,
    clock,
    processes: openProcesses,
    configuration: configurationFolder(process.env),
    environment: process.env,
    connectors: { folder: documents, bucket: documents, hub }
  });
}

/** Where programs of this user keep their settings. */
function configurationFolder({ XDG_CONFIG_HOME, APPDATA }: NodeJS.ProcessEnv): string {
  const named = process.platform === 'win32' ? APPDATA : XDG_CONFIG_HOME;
  return named?.replaceAll('\\', '/') || `${homedir().replaceAll('\\', '/')}/.config`;
}

/** Where programs of this user keep what they can get again. */
function cacheFolder({ XDG_CACHE_HOME, LOCALAPPDATA }: NodeJS.ProcessEnv): string {
  const named = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME;
  return named?.replaceAll('\\', '/') || `${homedir().replaceAll('\\', '/')}/.cache`;
}
