/** Contents as bytes: by SHA-256 for who may see all, by path and revision for who may see that path. */
import { BranchbookError } from '../../../core/error';
import { string } from '../../schema-words';
import type { HubCall, HubRoute } from '../route';
import { activityOf, hash, params, PROJECT, requireAll, sendRange, someone } from './common';
import type { AssetRoutesOptions } from './common';

export function contentRoutes(options: AssetRoutesOptions): readonly HubRoute[] {
  const read = { method: 'GET', need: someone, rate: 'transfer', body: 'none', bodyLimit: 0 } as const;
  return [
    {
      ...read,
      path: `${PROJECT}/contents/:hash`,
      schema: { params: params({ hash }) },
      handle: async (call, reply) => {
        requireAll(call);
        const sha256 = call.params['hash']!;
        const size = await options.assets(call.project).size(sha256);
        if (size === null) {
          throw new BranchbookError('ASSET_MISSING', `The hub does not have the content ${sha256}.`, { sha256 });
        }
        await sendRange(call, reply, size, (start, end) =>
          options.assets(call.project).read(sha256, start, end, activityOf(call))
        );
      }
    },
    {
      ...read,
      path: `${PROJECT}/versions/:revision/*`,
      schema: { params: params({ revision: string, '*': string }) },
      handle: async (call, reply) => {
        const path = call.params['*']!;
        await requirePath(call, path);
        const pointer = await options.pointerAt(call.project, call.params['revision']!, path);
        if (!pointer) {
          throw unknown(call, path);
        }
        const { sha256, size } = pointer;
        await sendRange(call, reply, size, (start, end) =>
          options.assets(call.project).read(sha256, start, end, activityOf(call))
        );
      }
    }
  ];
}

/** Whether it is there is not told to those who may not see it. */
async function requirePath(call: HubCall, path: string): Promise<void> {
  const { record } = call.project;
  const { allowed } = await call.namespaces.decide(record.namespace, 'view', {
    kind: 'asset',
    project: record.name,
    path
  });
  if (!allowed) {
    throw unknown(call, path);
  }
}

function unknown({ params: { revision } }: HubCall, path: string): BranchbookError {
  return new BranchbookError('PATH_UNKNOWN', `There is no asset ${path} at ${revision} that you may see.`, { path });
}
