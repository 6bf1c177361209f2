/** Puts the hub together from its parts; what they are made of is chosen in main.ts. */
import type { FastifyInstance } from 'fastify';
import type { AccessPorts } from '../../core/access/context';
import type { ProjectRecord } from '../../core/model/namespace';
import type { IClock, IFileSystem, IHistoryHost, IStoredAssets } from '../../core/port';
import { usualPace } from './body';
import type { Pace } from './body';
import { createHub } from './create-hub';
import type { HubOptions } from './create-hub';
import { DiskRoom } from './disk-room';
import type { Kept } from './disk-room';
import { GitSlots } from './git-slots';
import { Holding } from './holding';
import { HubAccess } from './hub-access';
import type { TellPresence } from './hub-access';
import { RateLimits } from './limits';
import { RepositoryCare } from './repository-care';
import { HubMetrics } from './metrics';
import type { HubProject, HubRoute, IAuthenticator } from './route';
import { hubRouteTable } from './routes';
import { RunningCalls } from './running-calls';

export type HubParts = Pick<HubOptions, 'behindProxy' | 'operatorToken' | 'log' | 'prefix' | 'publicUrl'> & {
  readonly clock: IClock;
  readonly access: AccessPorts;
  readonly presence: TellPresence;
  readonly histories: IHistoryHost;
  readonly assets: (project: Pick<HubProject, 'record'>) => IStoredAssets;
  /** Delete the contents of a project that is gone. */
  readonly forgetAssets: (project: Pick<ProjectRecord, 'id'>) => Promise<void>;
  readonly authenticator: IAuthenticator;
  /** Routes of other parts. */
  readonly others: (access: HubAccess) => readonly HubRoute[];
  /** What requests bring lies in this folder (absolute, of this process) until it is all there. */
  readonly held: { readonly files: IFileSystem; readonly folder: string };
  /** How slowly it may come; by default as slowly as with the worst connections that people have. */
  readonly pace?: Pace;
  /** Programs of git at the same time. */
  readonly gitSlots: number;
  /** Bytes free where the hub keeps things; Infinity in a cloud. */
  readonly freeBytes: (kept: Kept) => Promise<number>;
  /** Bytes that are left free; by default as many as the database needs. */
  readonly reserve?: number;
  /** Fails when the hub cannot do its work. */
  readonly check: () => Promise<void>;
};

export type Hub = {
  readonly app: FastifyInstance;
  readonly calls: RunningCalls;
  readonly routes: readonly HubRoute[];
};

export function composeHub(parts: HubParts): Hub {
  const { histories, assets, log } = parts;
  const access = new HubAccess(parts.access, parts.presence);
  const calls = new RunningCalls();
  const slots = new GitSlots(parts.gitSlots);
  const room = new DiskRoom(parts.freeBytes, parts.reserve);
  const holding = new Holding(parts.held.files, parts.held.folder, room);
  const care = new RepositoryCare(histories, slots, log);
  const metrics = new HubMetrics({
    requests_running: { help: 'Requests that are being answered', value: () => calls.size },
    git_running: { help: 'Programs of git that run', value: () => slots.running },
    git_waiting: { help: 'Requests that wait for git', value: () => slots.waiting }
  });
  const forget = async (projects: readonly Pick<ProjectRecord, 'id'>[]): Promise<void> => {
    for (const { id } of projects) {
      // The project is gone already; what stays behind has a name that nothing will ever have again.
      await Promise.all([histories.remove(id), parts.forgetAssets({ id })]).catch(error =>
        log(`cannot delete all of project ${id}: ${String(error)}`)
      );
    }
  };
  const routes = hubRouteTable({
    check: parts.check,
    others: parts.others(access),
    ...{ metrics, access, calls, forget, histories, assets, slots, holding, care, room }
  });
  const limits = new RateLimits(parts.clock);
  const { authenticator, behindProxy, operatorToken, publicUrl, prefix } = parts;
  const app = createHub({
    ...{ routes, metrics, access, calls, limits, room, log },
    ...{ authenticator, behindProxy, operatorToken, publicUrl, prefix },
    pace: parts.pace ?? usualPace
  });
  app.addHook('onClose', async () => care.dispose());
  return { app, calls, routes };
}
