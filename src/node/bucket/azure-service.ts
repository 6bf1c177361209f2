/**
 * Azure Blob Storage. Credentials are found as Azure's own tools find them: AZURE_STORAGE_CONNECTION_STRING,
 * AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, else who the machine, the pod or `az login` says we are.
 */
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { BlockBlobClient, ContainerClient, RestError } from '@azure/storage-blob';
import type { BucketObject, PutCondition } from '../../core/port';
import type { CloudAddress } from './cloud';
import type { Environment } from '../process/environment';
import { kindOfNetworkError, kindOfStatus, isServiceFailure, ServiceFailure } from './object-service';
import type { IObjectService, IUpload, MarkedObject, OpenObject, Page, Write } from './object-service';

/** Names of metadata are identifiers here. */
const MARK = 'branchbookwrite';
const MIB = 1024 * 1024;
const PART = 8 * MIB;
/** Azure takes 50,000; ours are numbered in five digits. */
const MOST_PARTS = 10_000;
/** Milliseconds for one request, with what it sends. */
const TIMEOUT = 120_000;

const once = { retryOptions: { maxTries: 1 } };

async function openService(account: string, environment: Environment): Promise<BlobServiceClient> {
  const connection = environment['AZURE_STORAGE_CONNECTION_STRING'];
  if (connection && new RegExp(`AccountName=${account};`, 'i').test(`${connection};`)) {
    return BlobServiceClient.fromConnectionString(connection, once);
  }
  const url = environment['AZURE_STORAGE_SERVICE_ENDPOINT'] ?? `https://${account}.blob.core.windows.net`;
  const key = environment['AZURE_STORAGE_KEY'];
  if (key) {
    return new BlobServiceClient(url, new StorageSharedKeyCredential(account, key), once);
  }
  const signature = environment['AZURE_STORAGE_SAS_TOKEN'];
  if (signature) {
    return new BlobServiceClient(`${url}?${signature.replace(/^\?/, '')}`, undefined, once);
  }
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new BlobServiceClient(url, new DefaultAzureCredential(), once);
}

function conditionsOf(condition: PutCondition | undefined): { ifNoneMatch?: string; ifMatch?: string } {
  if (condition === undefined) {
    return {};
  }
  return condition === 'absent' ? { ifNoneMatch: '*' } : { ifMatch: condition.etag };
}

function toFailure(error: unknown): ServiceFailure {
  if (isServiceFailure(error)) {
    return error;
  }
  const { name, message, code, statusCode } = error as Partial<RestError>;
  if (statusCode === undefined) {
    const signedOut = /Authentication|CredentialUnavailable/.test(name ?? '');
    return new ServiceFailure(signedOut ? 'refused' : kindOfNetworkError(code), String(message || code || name));
  }
  // Creating what exists is answered with 409, replacing what is another with 412.
  const isCondition = statusCode === 412 || code === 'BlobAlreadyExists';
  return new ServiceFailure(isCondition ? 'condition' : kindOfStatus(statusCode), `${code ?? name} (${statusCode})`);
}

async function translate<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toFailure(error);
  }
}

/** null when there is no such blob; that there is no such container is a failure. */
async function orAbsent<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    const { statusCode, code } = error as Partial<RestError>;
    if (statusCode === 404 && code !== 'ContainerNotFound') {
      return null;
    }
    throw toFailure(error);
  }
}

const limited = (): { abortSignal: AbortSignal } => ({ abortSignal: AbortSignal.timeout(TIMEOUT) });
/** Listings give etags without the quotation marks that they have elsewhere. */
const quoted = (etag: string | undefined): string => `"${(etag ?? '').replace(/"/g, '')}"`;
/** All of the same length, as Azure wants them. */
const blockId = (number: number): string => Buffer.from(String(number).padStart(5, '0')).toString('base64');

type Described = {
  readonly etag?: string;
  readonly lastModified?: Date;
  readonly metadata?: Record<string, string>;
};

function describe(key: string, { etag, lastModified, metadata }: Described, size: number): MarkedObject {
  const modified = lastModified?.getTime() ?? Date.now();
  return { key, size, etag: quoted(etag), modified, mark: metadata?.[MARK] ?? null };
}

export class AzureService implements IObjectService {
  readonly name: string;

  private constructor(
    address: CloudAddress,
    private readonly _container: ContainerClient
  ) {
    this.name = `az://${address.account}/${address.bucket}`;
  }

  static async open(address: CloudAddress, environment: Environment): Promise<AzureService> {
    const service = await openService(address.account!, environment);
    return new AzureService(address, service.getContainerClient(address.bucket));
  }

  partSize(size: number): number {
    return Math.max(PART, Math.ceil(size / MOST_PARTS / MIB) * MIB);
  }

  async head(key: string): Promise<MarkedObject | null> {
    const found = await orAbsent(this._blob(key).getProperties(limited()));
    return found && describe(key, found, found.contentLength ?? 0);
  }

  async read(key: string, range: { readonly start: number; readonly end: number } | null): Promise<OpenObject | null> {
    const count = range ? range.end - range.start : undefined;
    const found = await orAbsent(this._blob(key).download(range?.start, count));
    if (!found) {
      return null;
    }
    const pieces = found.readableStreamBody as unknown as AsyncIterable<Uint8Array>;
    return { object: describe(key, found, found.contentLength ?? 0), pieces };
  }

  async put(key: string, bytes: Uint8Array, { condition, mark }: Write): Promise<BucketObject> {
    const options = { ...limited(), metadata: { [MARK]: mark }, conditions: conditionsOf(condition) };
    // A view of a larger buffer would be sent with what is around it.
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return describe(key, await translate(this._blob(key).upload(body, bytes.length, options)), bytes.length);
  }

  async upload(key: string, size: number, { condition, mark }: Write): Promise<IUpload> {
    const blob = this._blob(key);
    const ids: string[] = [];
    return {
      part: async (number, bytes) => {
        await translate(blob.stageBlock(blockId(number), bytes, bytes.length, limited()));
        ids[number - 1] = blockId(number);
      },
      commit: async () => {
        const options = { ...limited(), metadata: { [MARK]: mark }, conditions: conditionsOf(condition) };
        return describe(key, await translate(blob.commitBlockList(ids, options)), size);
      },
      // Azure deletes blocks that nobody committed within a week.
      abort: async () => undefined
    };
  }

  async delete(key: string, condition: PutCondition | undefined): Promise<void> {
    await orAbsent(this._blob(key).delete({ ...limited(), conditions: conditionsOf(condition) }));
  }

  async page(prefix: string, folders: boolean, after: string | null): Promise<Page> {
    const options = { continuationToken: after ?? undefined, maxPageSize: 1000 };
    if (folders) {
      const pages = this._container.listBlobsByHierarchy('/', { ...limited(), prefix }).byPage(options);
      const { segment, continuationToken } = (await translate(pages.next())).value;
      const found = (segment.blobPrefixes ?? []).map((one: { name: string }) => one.name);
      return { objects: [], folders: found, next: continuationToken || null };
    }
    const pages = this._container.listBlobsFlat({ ...limited(), prefix }).byPage(options);
    const { segment, continuationToken } = (await translate(pages.next())).value;
    type Item = { readonly name: string; readonly properties: Described & { readonly contentLength?: number } };
    const objects = (segment.blobItems as readonly Item[]).map(({ name, properties }) =>
      describe(name, properties, properties.contentLength ?? 0)
    );
    return { objects, folders: [], next: continuationToken || null };
  }

  failureOf(error: unknown): ServiceFailure {
    return toFailure(error);
  }

  async close(): Promise<void> {
    // The library keeps no connection that would have to be closed.
  }

  private _blob(key: string): BlockBlobClient {
    return this._container.getBlockBlobClient(key);
  }
}
