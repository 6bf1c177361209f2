/** Whether a hub of ours answers at an address. */
import { BranchbookError, hasCode } from '../../core/error';
import { requestJson, toldFailure } from '../http/json';
import { normalHubAddress } from './hub-address';

/** Milliseconds: `clone` asks before it leaves an address to git. */
const PATIENCE = 3000;

/** What a hub says of itself at `<address>/.well-known/branchbook`, before anybody signed in. */
export type HubCard = { readonly branchbook: string };

export async function isHub(address: string): Promise<boolean> {
  return (await whyNoHub(address)) === null;
}

/** null when one answers. PLACE_UNREACHABLE when nobody answers whom we may believe, else PLACE_UNKNOWN, ADDRESS_INVALID. */
export async function whyNoHub(address: string): Promise<BranchbookError | null> {
  try {
    const url = `${normalHubAddress(address)}/.well-known/branchbook`;
    const { status, body } = await requestJson(url, { patience: PATIENCE });
    const isOne = status === 200 && typeof (body as Partial<HubCard> | null)?.branchbook === 'string';
    const told = toldFailure(body);
    // A hub that is starting says so.
    const failure = told?.code === 'PLACE_UNREACHABLE' ? told : unknownHub(address);
    return isOne ? null : failure;
  } catch (error) {
    if (hasCode(error, 'PLACE_UNREACHABLE', 'ADDRESS_INVALID')) {
      return error;
    }
    throw error;
  }
}

function unknownHub(place: string): BranchbookError {
  return new BranchbookError(
    'PLACE_UNKNOWN',
    `No hub answers at ${place}.`,
    { place },
    'Ask who runs the hub for its address.'
  );
}
