/** Others who know people: JupyterHub, an OpenID provider. */
import { BranchbookError } from '../../../core/error';
import type { Right } from '../../../core/model/access';
import type { Profile } from './accounts';

export type Vouched = { readonly profile: Profile; readonly atMost: Right };

export interface IProvider {
  readonly id: 'jupyterhub' | 'oidc';
  /** On the button. */
  readonly title: string;
  /** Where the provider sends the browser back to: as it is registered there. */
  readonly callback: string;
  /** Where to send the browser. `memo` is kept here, for `finish`. PLACE_UNREACHABLE. */
  begin(state: string): Promise<{ readonly url: string; readonly memo: string }>;
  /** `query`: what the browser brought back; its state was compared. null when the person may not come in. */
  finish(query: URLSearchParams, state: string, memo: string): Promise<Vouched | null>;
}

export function providerFailed(place: string, error: unknown): BranchbookError {
  const reason = error instanceof Error ? error.message : String(error);
  return new BranchbookError(
    'PLACE_UNREACHABLE',
    `${place} did not answer as it should: ${reason}.`,
    { place, reason },
    'Try again; if it stays so, tell who runs the hub.'
  );
}
