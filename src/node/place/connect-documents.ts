/** How folders and buckets are connected to as places. */
import { BranchbookError, hasCode } from '../../core/error';
import type { IBucket, IClock, IFileSystem, IProcesses, IRandom } from '../../core/port';
import { openBucket } from '../bucket/open-bucket';
import { createHasher } from '../store/hasher';
import type { Connector } from './connector';
import { DocumentPlace } from './document-place';
import type { Environment } from '../process/environment';
import { readPlaceFile } from './place-file';
import { systemIdentity } from './system-identity';

export type DocumentOptions = {
  readonly files: IFileSystem;
  readonly processes: () => Promise<IProcesses>;
  readonly clock: IClock;
  readonly random: IRandom;
  readonly environment: Environment;
  /** The folder of all programs' caches: `~/.cache`. */
  readonly caches: string;
};

/** `file:///srv/team` → `/srv/team`; null for buckets. */
function folderOf(address: string, bucket: IBucket): string | null {
  return /^(s3|az|gs):/.test(address) ? null : bucket.name;
}

async function connect(options: DocumentOptions, address: string): Promise<DocumentPlace> {
  const { files, clock, random, environment, caches } = options;
  const tools = { files, clock, random, processes: await options.processes() };
  const bucket = await openBucket(address, tools, { environment });
  try {
    return await DocumentPlace.open({
      address,
      bucket,
      folder: folderOf(address, bucket),
      identity: await systemIdentity(files, environment),
      cache: `${caches}/branchbook/places`,
      hasher: createHasher,
      ...{ files, clock, random }
    });
  } catch (error) {
    await bucket.close();
    throw hasCode(error, 'IO', 'OUTCOME_UNKNOWN') ? unreachable(address, error) : error;
  }
}

function unreachable(place: string, { message }: BranchbookError): BranchbookError {
  return new BranchbookError(
    'PLACE_UNREACHABLE',
    `${place} does not answer: ${message}`,
    { place, reason: message },
    'Check the address and the network, and try again.'
  );
}

async function isPlace(options: DocumentOptions, address: string): Promise<boolean> {
  const { files, clock, random, environment } = options;
  const tools = { files, clock, random, processes: await options.processes() };
  try {
    const bucket = await openBucket(address, tools, { environment });
    try {
      return (await readPlaceFile(bucket)) !== null;
    } finally {
      await bucket.close();
    }
  } catch (error) {
    if (hasCode(error, 'PLACE_UNKNOWN', 'IO', 'PERMISSION_DENIED', 'ADDRESS_INVALID')) {
      return false;
    }
    throw error;
  }
}

export const documentConnector = (options: DocumentOptions): Connector => ({
  connect: address => connect(options, address),
  isPlace: address => isPlace(options, address)
});
