/**
 * Kernels on a namespace's endpoints, for members with `run`. The hub knows the endpoint's token and its members do not; of
 * the endpoint nothing but kernels can be reached, and of kernels each one's own: the handle of a kernel is sealed, and
 * opens for whoever started it only, in every process of the hub.
 */
import { Readable } from 'node:stream';
import { BranchbookError } from '../../../core/error';
import type { EndpointAccess, IEndpoints, ISeal, KernelMessage } from '../../../core/port';
import { object, string } from '../../schema-words';
import type { HubCall, HubRoute } from '../route';

const ALL = '/api/v1/namespaces/:namespace/compute/:endpoint/kernels';
const CODE_LIMIT = 4 * 1024 * 1024;

export type ComputeRoutesOptions = { readonly endpoints: IEndpoints; readonly seal: ISeal };

type Handle = { readonly user: string; readonly namespace: string; readonly endpoint: string; readonly id: string };

export function computeRoutes({ endpoints, seal }: ComputeRoutesOptions): readonly HubRoute[] {
  // `run` on the endpoint itself is decided by the namespaces service, with the token or not at all.
  const base = { need: { on: 'namespace', right: null }, rate: 'ordinary' } as const;
  return [
    {
      ...base,
      method: 'POST',
      path: ALL,
      body: 'json',
      bodyLimit: 4096,
      schema: { body: object({ kernel: string }) },
      handle: async call => {
        const endpoint = await endpointOf(call);
        const { kernel = null } = call.body as { readonly kernel?: string };
        const id = await endpoints.start(endpoint, kernel);
        return { kernel: seal.seal(JSON.stringify({ ...placeOf(call), id } satisfies Handle)) };
      }
    },
    {
      ...base,
      method: 'POST',
      path: `${ALL}/:kernel/execute`,
      body: 'json',
      bodyLimit: CODE_LIMIT,
      schema: { body: object({ code: { type: 'string' } }, ['code']) },
      handle: async (call, reply) => {
        const endpoint = await endpointOf(call);
        const { code } = call.body as { readonly code: string };
        const messages = endpoints.execute(endpoint, kernelOf(call, seal), code, call.signal);
        await reply.type('application/x-ndjson').send(Readable.from(lines(messages)));
      }
    },
    {
      ...base,
      method: 'DELETE',
      path: `${ALL}/:kernel`,
      body: 'none',
      bodyLimit: 0,
      handle: async call => {
        await endpoints.stop(await endpointOf(call), kernelOf(call, seal));
        return {};
      }
    }
  ];
}

/** FORBIDDEN without `run`. */
function endpointOf({ namespaces, params }: HubCall): Promise<EndpointAccess> {
  return namespaces.endpoint(params['namespace']!, params['endpoint']!);
}

function placeOf({ identity, params }: HubCall): Omit<Handle, 'id'> {
  return { user: identity.user, namespace: params['namespace']!, endpoint: params['endpoint']! };
}

/** The endpoint's own id of the caller's kernel. ENTRY_UNKNOWN for all others. */
function kernelOf(call: HubCall, seal: ISeal): string {
  const { id, ...place } = open(call.params['kernel']!, seal);
  if (JSON.stringify(place) !== JSON.stringify(placeOf(call))) {
    throw unknownKernel();
  }
  return id;
}

function open(sealed: string, seal: ISeal): Handle {
  try {
    return JSON.parse(seal.open(sealed)) as Handle;
  } catch {
    throw unknownKernel();
  }
}

function unknownKernel(): BranchbookError {
  return new BranchbookError('ENTRY_UNKNOWN', 'You have no such kernel there.', { what: 'kernel', name: '' });
}

/** Once lines are sent the status is told: what fails then is the last line. */
async function* lines(messages: AsyncIterable<KernelMessage>): AsyncGenerator<string> {
  try {
    for await (const message of messages) {
      yield `${JSON.stringify(message)}\n`;
    }
  } catch (error) {
    yield `${JSON.stringify({ error: BranchbookError.from(error).toJSON() })}\n`;
  }
}
