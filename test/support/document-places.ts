import { disk } from '../../src/node/fs/disk';
import { documentConnector } from '../../src/node/place/connect-documents';
import { openProcesses } from '../../src/node/process/processes';
import { clock, random } from '../../src/node/process/time';
import type { IFileSystem, IPlace } from '../../src/core/port';
import { temporaryDirectory } from './temporary-directory';

/** The folder or bucket at `address`, as people of a JupyterHub see it. */
export function documentPlaceAs(
  address: string,
  environment: Readonly<Record<string, string>> = {},
  files: IFileSystem = disk
): (user: string) => Promise<IPlace> {
  return user => {
    const connector = documentConnector({
      ...{ files, clock, random },
      processes: openProcesses,
      environment: { ...environment, JUPYTERHUB_USER: user },
      caches: temporaryDirectory()
    });
    return connector.connect(address, async () => null);
  };
}
