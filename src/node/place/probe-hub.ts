/** Whether a hub of ours answers at an address. */
import { hasCode } from '../../core/error';
import { normalHubAddress } from './hub-address';
import { requestJson } from './http';

/** Milliseconds: `clone` asks before it leaves an address to git. */
const PATIENCE = 3000;

/** What a hub says of itself at `<address>/.well-known/branchbook`, before anybody signed in. */
export type HubCard = { readonly branchbook: string };

export async function isHub(address: string): Promise<boolean> {
  try {
    const url = `${normalHubAddress(address)}/.well-known/branchbook`;
    const { status, body } = await requestJson(url, { patience: PATIENCE });
    return status === 200 && typeof (body as Partial<HubCard> | null)?.branchbook === 'string';
  } catch (error) {
    if (hasCode(error, 'PLACE_UNREACHABLE', 'ADDRESS_INVALID')) {
      return false;
    }
    throw error;
  }
}
