/** Buckets of the clouds. Their libraries are large: the build makes a file of its own of this, loaded when one is used. */
import type { IObjectService } from './object-service';
import type { Environment } from '../process/environment';

export type CloudAddress = {
  readonly scheme: 's3' | 'az' | 'gs';
  /** Bucket or container. */
  readonly bucket: string;
  /** Azure's storage account. */
  readonly account: string | null;
};

export async function openCloud(address: CloudAddress, environment: Environment): Promise<IObjectService> {
  switch (address.scheme) {
    case 's3': {
      const { S3Service } = await import('./s3-service');
      return new S3Service({ bucket: address.bucket, environment });
    }
    case 'az': {
      const { AzureService } = await import('./azure-service');
      return AzureService.open(address, environment);
    }
    case 'gs': {
      const { GcsService } = await import('./gcs-service');
      return new GcsService(address.bucket, environment);
    }
  }
}
