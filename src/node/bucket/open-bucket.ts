/** Opening a bucket by its address. */
import { fileURLToPath } from 'node:url';
import { ensureDirectory } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { IBucket } from '../../core/port';
import type { CloudAddress } from './cloud';
import type { Environment } from '../process/environment';
import { FolderBucket } from './folder-bucket';
import type { FolderTools } from './folder-writer';
import { ObjectBucket } from './object-bucket';

export type BucketOptions = {
  /** Make the folder when it is missing; buckets of clouds are never made. */
  readonly create?: boolean;
  /** Default: this process's environment. */
  readonly environment?: Environment;
};

type CloudPlace = CloudAddress & { readonly prefix: string };

function invalid(address: string, reason: string): BranchbookError {
  return new BranchbookError(
    'ADDRESS_INVALID',
    `${JSON.stringify(address)} is no address of a bucket: ${reason}.`,
    { address, reason },
    'Write it as s3://BUCKET/PREFIX, az://ACCOUNT/CONTAINER/PREFIX, gs://BUCKET/PREFIX, or as the path of a folder.'
  );
}

/** What may stand in a host name or a path of a service without being taken for something else. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

function parseCloud(address: string): CloudPlace | null {
  const [, scheme, rest] = /^(s3|az|gs):\/\/(.*)$/.exec(address) ?? [];
  if (rest === undefined) {
    return null;
  }
  const parts = rest.replace(/\/+$/, '').split('/');
  const account = scheme === 'az' ? parts.shift()! : null;
  const bucket = parts.shift() ?? '';
  if (!NAME.test(bucket) || (account !== null && !NAME.test(account))) {
    throw invalid(address, 'it names no bucket');
  }
  return { scheme: scheme as CloudAddress['scheme'], account, bucket, prefix: parts.join('/') };
}

/** `file:///srv/team` or an absolute path. */
function folderOf(address: string): string {
  if (address.startsWith('file://')) {
    try {
      return fileURLToPath(address);
    } catch (error) {
      throw invalid(address, BranchbookError.from(error).message);
    }
  }
  if (!/^(\/|[A-Za-z]:[\\/])/.test(address)) {
    throw invalid(address, 'it is neither a place in a cloud nor an absolute path');
  }
  return address;
}

async function openFolder(address: string, tools: FolderTools, create: boolean): Promise<IBucket> {
  const folder = folderOf(address);
  if (create) {
    await ensureDirectory(tools.files, folder);
  }
  // A symbolic link that the user names is meant; the slash makes the system follow it.
  const stat = await tools.files.lstat(`${folder}/.`);
  if (stat?.kind !== 'directory') {
    throw new BranchbookError(
      'PLACE_UNKNOWN',
      `There is no folder ${folder}.`,
      { place: address },
      'Make it, or mount the volume it is on.'
    );
  }
  return FolderBucket.open(tools, folder);
}

/** ADDRESS_INVALID, PLACE_UNKNOWN. Nothing is asked of a cloud yet. */
export async function openBucket(address: string, tools: FolderTools, options: BucketOptions = {}): Promise<IBucket> {
  const cloud = parseCloud(address);
  if (!cloud) {
    return openFolder(address, tools, options.create ?? false);
  }
  const { openCloud } = await import('./cloud');
  const bucket = new ObjectBucket(await openCloud(cloud, options.environment ?? process.env), tools);
  return cloud.prefix === '' ? bucket : bucket.below(cloud.prefix);
}
