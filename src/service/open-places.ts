/** The composition root of places: how this machine gets to folders, buckets and hubs. */
import { homedir } from 'node:os';
import { BranchbookError } from '../core/error';
import type { IPlaces } from '../core/port';
import { disk } from '../node/fs/disk';
import type { Connector } from '../node/place/connector';
import { Places } from '../node/place/places';
import { isHub } from '../node/place/probe-hub';
import { openProcesses } from '../node/process/processes';
import { clock } from '../node/process/time';

/** Replaced by DocumentPlace over a folder or bucket. */
const documents: Connector = { connect: notBuilt, isPlace: () => Promise.resolve(false) };
/** Replaced by HubPlace. */
const hub: Connector = { connect: notBuilt, isPlace: isHub };

/** Nothing is opened, read or loaded before it is needed. */
export function createPlaces(): IPlaces {
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

async function notBuilt(): Promise<never> {
  throw new BranchbookError('INTERNAL', 'not built');
}
