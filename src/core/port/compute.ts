/** Kernels on shared endpoints. */
import type { Contributor } from '../model/contributor';
import type { ComputeResult } from '../model/sharing';
import type { Activity } from './progress';

/** A message of Jupyter's protocol, as far as outputs need it. */
export type KernelMessage = { readonly type: string; readonly content: { readonly [key: string]: unknown } };

export interface IKernel {
  /** Messages until the kernel is idle again. COMPUTE_UNAVAILABLE, FORBIDDEN when the right is lost meanwhile. */
  execute(code: string, activity: Activity): AsyncGenerator<KernelMessage>;
  /** Ends the kernel. */
  close(): Promise<void>;
}

/** Where an endpoint is, and what it is told: for the hub alone. */
export type EndpointAccess = { readonly url: string; readonly token: string };

/** What the hub does at endpoints for its members. COMPUTE_UNAVAILABLE. */
export interface IEndpoints {
  /** The id of a new kernel; `kernel`: the name of its kind, null = the endpoint's own choice. */
  start(endpoint: EndpointAccess, kernel: string | null): Promise<string>;
  execute(endpoint: EndpointAccess, id: string, code: string, signal: AbortSignal): AsyncGenerator<KernelMessage>;
  stop(endpoint: EndpointAccess, id: string): Promise<void>;
}

/** Who a server of JupyterHub's is shared with. */
export type ServerReceiver = { readonly user: string } | { readonly group: string };

/** JupyterHub's own sharing of the running server. COMPUTE_UNAVAILABLE, FORBIDDEN. */
export interface IServerSharing {
  list(): Promise<Required<Pick<ComputeResult, 'shares' | 'codes'>>>;
  share(receiver: ServerReceiver): Promise<void>;
  /** The address of a code that whoever opens it gets access by. `expiresIn`: seconds. */
  link(expiresIn: number): Promise<string>;
  unshare(receiver: ServerReceiver): Promise<void>;
  revokeCodes(): Promise<void>;
}

/** The contributors of Kubeflow's profiles, as its access management keeps them. COMPUTE_UNAVAILABLE, PLACE_UNREACHABLE. */
export interface IContributors {
  /** Those that have several roles come several times. */
  list(profile: string): Promise<readonly Contributor[]>;
  /** FORBIDDEN for all but the profile's owner and the administrators of the cluster. */
  add(profile: string, contributor: Contributor): Promise<void>;
}
