/** Buckets of the clouds. Their libraries are large: the build makes a file of its own of this, loaded when one is used. */
import type { IObjectService } from './object-service';
import { S3Service } from './s3-service';

export type CloudAddress = {
  readonly scheme: 's3' | 'az' | 'gs';
  /** Bucket or container. */
  readonly bucket: string;
  /** Azure's storage account. */
  readonly account: string | null;
};

export type Environment = Readonly<Record<string, string | undefined>>;

export function openCloud(address: CloudAddress, environment: Environment): IObjectService {
  return new S3Service({ bucket: address.bucket, environment });
}
