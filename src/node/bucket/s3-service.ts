/**
 * Amazon S3 and what speaks its protocol. Region, endpoint and credentials are found as AWS's own tools find them:
 * AWS_REGION, AWS_ENDPOINT_URL, AWS_PROFILE, `~/.aws`, roles of machines and pods.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand
} from '@aws-sdk/client-s3';
import type { BucketObject, PutCondition } from '../../core/port';
import { kindOfNetworkError, kindOfStatus, isServiceFailure, ServiceFailure } from './object-service';
import type { IObjectService, IUpload, MarkedObject, OpenObject, Page, Write } from './object-service';

const MARK = 'branchbook-write';
const MIB = 1024 * 1024;
/** Parts are of at least this size, and at most 10,000. */
const PART = 8 * MIB;
const MOST_PARTS = 10_000;
/** Milliseconds until a connection stands, and without a byte on it. */
const CONNECT_TIMEOUT = 5_000;
const DEFAULT_SILENCE = 30_000;

export type S3Options = {
  readonly bucket: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds without an answer. */
  readonly silence?: number;
};

type Answered = { readonly ETag?: string | undefined; readonly LastModified?: Date | undefined };
type Described = Answered & {
  readonly ContentLength?: number | undefined;
  readonly Metadata?: Record<string, string> | undefined;
};

function conditionHeaders(condition: PutCondition | undefined): { IfNoneMatch?: string; IfMatch?: string } {
  if (condition === undefined) {
    return {};
  }
  return condition === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: condition.etag };
}

function toFailure(error: unknown, conditional: boolean): ServiceFailure {
  if (isServiceFailure(error)) {
    return error;
  }
  if (!(error instanceof S3ServiceException)) {
    const { code, name, message } = error as { code?: unknown; name?: unknown; message?: string };
    const kind = name === 'CredentialsProviderError' ? 'refused' : kindOfNetworkError(code);
    return new ServiceFailure(kind, String(message || code || name));
  }
  const status = error.$metadata.httpStatusCode ?? 0;
  const reason = `${error.name} (${status})`;
  // If-Match on what is not there any more is answered with 404.
  if (status === 412 || (conditional && error.name === 'NoSuchKey')) {
    return new ServiceFailure('condition', reason);
  }
  // Two conditional writes at once: S3 says neither yes nor no, and wants to be asked again.
  const isBusy = status === 409 || error.name === 'SlowDown';
  return new ServiceFailure(isBusy ? 'busy' : status === 0 ? 'doubtful' : kindOfStatus(status), reason);
}

async function translate<T>(work: Promise<T>, conditional = false): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toFailure(error, conditional);
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof S3ServiceException && ['NoSuchKey', 'NotFound'].includes(error.name);
}

function createClient({ environment, silence = DEFAULT_SILENCE }: S3Options): S3Client {
  const endpoint = environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'];
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? (endpoint && 'us-east-1');
  // Which Node there is, is not for users of ours to mend.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  return new S3Client({
    ...(region && { region }),
    ...(endpoint && { endpoint, forcePathStyle: environment['AWS_S3_ADDRESSING_STYLE'] !== 'virtual' }),
    // Whoever tries again after a doubt must know of the doubt.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT, requestTimeout: silence, throwOnRequestTimeout: true }
  });
}

export class S3Service implements IObjectService {
  readonly name: string;
  private readonly _client: S3Client;
  private readonly _bucket: string;

  constructor(options: S3Options) {
    this.name = `s3://${options.bucket}`;
    this._bucket = options.bucket;
    this._client = createClient(options);
  }

  partSize(size: number): number {
    return Math.max(PART, Math.ceil(size / MOST_PARTS / MIB) * MIB);
  }

  async head(key: string): Promise<MarkedObject | null> {
    try {
      const found = await this._client.send(new HeadObjectCommand({ Bucket: this._bucket, Key: key }));
      return this._describe(key, found, found.ContentLength ?? 0);
    } catch (error) {
      if (isAbsent(error)) {
        return null;
      }
      throw toFailure(error, false);
    }
  }

  async read(key: string, range: { readonly start: number; readonly end: number } | null): Promise<OpenObject | null> {
    const Range = range ? `bytes=${range.start}-${range.end - 1}` : undefined;
    try {
      const found = await this._client.send(new GetObjectCommand({ Bucket: this._bucket, Key: key, Range }));
      return {
        object: this._describe(key, found, found.ContentLength ?? 0),
        pieces: found.Body as unknown as AsyncIterable<Uint8Array>
      };
    } catch (error) {
      if (isAbsent(error)) {
        return null;
      }
      throw toFailure(error, false);
    }
  }

  async put(key: string, bytes: Uint8Array, { condition, mark }: Write): Promise<BucketObject> {
    const command = new PutObjectCommand({
      Bucket: this._bucket,
      Key: key,
      Body: bytes,
      ContentLength: bytes.length,
      Metadata: { [MARK]: mark },
      ...conditionHeaders(condition)
    });
    const answer = await translate(this._client.send(command), condition !== undefined);
    return this._describe(key, answer, bytes.length);
  }

  async upload(key: string, size: number, { condition, mark }: Write): Promise<IUpload> {
    const where = { Bucket: this._bucket, Key: key };
    const begin = new CreateMultipartUploadCommand({ ...where, Metadata: { [MARK]: mark } });
    const { UploadId } = await translate(this._client.send(begin));
    const parts: { PartNumber: number; ETag: string | undefined }[] = [];
    return {
      part: async (PartNumber, Body) => {
        const command = new UploadPartCommand({ ...where, UploadId, PartNumber, Body, ContentLength: Body.length });
        const { ETag } = await translate(this._client.send(command));
        parts.push({ PartNumber, ETag });
      },
      commit: async () => {
        const MultipartUpload = { Parts: parts };
        const command = new CompleteMultipartUploadCommand({
          ...where,
          UploadId,
          MultipartUpload,
          ...conditionHeaders(condition)
        });
        return this._describe(key, await translate(this._client.send(command), condition !== undefined), size);
      },
      abort: async () => {
        await this._client.send(new AbortMultipartUploadCommand({ ...where, UploadId }));
      }
    };
  }

  async delete(key: string, condition: PutCondition | undefined): Promise<void> {
    const { IfMatch } = conditionHeaders(condition);
    await translate(this._client.send(new DeleteObjectCommand({ Bucket: this._bucket, Key: key, IfMatch })), true);
  }

  async page(prefix: string, folders: boolean, after: string | null): Promise<Page> {
    const command = new ListObjectsV2Command({
      Bucket: this._bucket,
      Prefix: prefix,
      Delimiter: folders ? '/' : undefined,
      ContinuationToken: after ?? undefined
    });
    const answer = await translate(this._client.send(command));
    return {
      objects: (answer.Contents ?? []).map(found => this._describe(found.Key!, found, found.Size ?? 0)),
      folders: (answer.CommonPrefixes ?? []).map(found => found.Prefix!),
      next: (answer.IsTruncated && answer.NextContinuationToken) || null
    };
  }

  failureOf(error: unknown): ServiceFailure {
    return toFailure(error, false);
  }

  async close(): Promise<void> {
    this._client.destroy();
  }

  private _describe(key: string, answer: Described, size: number): MarkedObject {
    return {
      key,
      size,
      etag: answer.ETag ?? '',
      modified: answer.LastModified?.getTime() ?? Date.now(),
      mark: answer.Metadata?.[MARK] ?? null
    };
  }
}
