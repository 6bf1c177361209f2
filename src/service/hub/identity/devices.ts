/** Letting a program in: it shows a short code, and its user confirms that code in a browser where they are signed in. */
import { hostname } from 'node:os';
import { BranchbookError } from '../../../core/error';
import type { Identity } from '../../../core/model/access';
import type { IAccountRecords, IClock, IRandom, SecretRecord } from '../../../core/port';
import { toIdentity } from './accounts';
import type { Accounts } from './accounts';
import { hashSecret, newSecret, newUserCode, normalUserCode } from './secrets';

const LIFETIME = 10 * 60_000;
const INTERVAL = 2000;
const TOKEN_LIFETIME = 90 * 86_400_000;

/** What a program gets to start with; milliseconds. */
export type DeviceStart = {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly url: string;
  readonly interval: number;
  readonly lifetime: number;
};

type DeviceData = { readonly userCode: string; readonly answer: 'open' | 'confirmed' | 'refused' };

/** Each waiting program is kept twice: by its own secret, and by the short code that points there. */
export class Devices {
  constructor(
    private readonly _records: IAccountRecords,
    private readonly _accounts: Accounts,
    private readonly _clock: IClock,
    private readonly _random: IRandom
  ) {}

  async start(pageUrl: string, program: string): Promise<DeviceStart> {
    await this._records.sweepSecrets(this._clock.now());
    const deviceCode = newSecret();
    const userCode = newUserCode();
    const created = this._clock.now();
    const common = { user: null, atMost: 'manage' as const, created, expires: created + LIFETIME, used: null };
    const name = program.slice(0, 100) || hostname();
    const data: DeviceData = { userCode, answer: 'open' };
    const device: SecretRecord = {
      ...common,
      id: this._random.hex(8),
      kind: 'device',
      hash: hashSecret(deviceCode),
      name,
      data: JSON.stringify(data)
    };
    await this._records.addSecret(device);
    // The page finds it by the short code, which alone lets nobody in.
    await this._records.addSecret({
      ...common,
      id: this._random.hex(8),
      kind: 'device',
      hash: hashSecret(`code ${userCode}`),
      name,
      data: JSON.stringify({ device: hashSecret(deviceCode) })
    });
    return { deviceCode, userCode, url: pageUrl, interval: INTERVAL, lifetime: LIFETIME };
  }

  /** The program that shows this code; null when none does (any more). */
  async find(userCode: string): Promise<{ readonly name: string; readonly userCode: string } | null> {
    const device = await this._find(userCode);
    return device && { name: device.name, userCode: normalUserCode(userCode) };
  }

  /** LINK_INVALID. */
  async answer(identity: Identity, userCode: string, answer: 'confirmed' | 'refused'): Promise<void> {
    const device = await this._find(userCode);
    const data: DeviceData = { userCode: normalUserCode(userCode), answer };
    const change = { user: identity.user, data: JSON.stringify(data) };
    if (device === null || !(await this._records.changeSecret(device.id, device, change))) {
      throw new BranchbookError(
        'LINK_INVALID',
        'No program waits with this code, or not any more.',
        {},
        'Start signing in again.'
      );
    }
    await this._records.takeSecret('device', hashSecret(`code ${normalUserCode(userCode)}`));
  }

  /** A token for the program, once; null while nobody answered. SIGN_IN_FAILED. */
  async redeem(deviceCode: string): Promise<string | null> {
    const device = await this._records.secret('device', hashSecret(deviceCode));
    const answer = device === null || device.expires <= this._clock.now() ? null : dataOf(device).answer;
    if (answer === 'open') {
      return null;
    }
    // Whatever was answered, it is answered once.
    const taken = device && (await this._records.takeSecret('device', device.hash));
    const account = taken?.user ? await this._records.account(taken.user) : null;
    if (answer !== 'confirmed' || !taken || !account || account.disabled) {
      const reason = answer === 'refused' ? 'it was refused in the browser' : 'the code is not valid any more';
      throw new BranchbookError('SIGN_IN_FAILED', `Signing in failed: ${reason}.`, { reason }, 'Start again.');
    }
    return (await this._accounts.createToken(toIdentity(account), taken.name, TOKEN_LIFETIME)).token;
  }

  private async _find(userCode: string): Promise<SecretRecord | null> {
    const pointer = await this._records.secret('device', hashSecret(`code ${normalUserCode(userCode)}`));
    if (pointer === null) {
      return null;
    }
    const { device: hash } = JSON.parse(pointer.data) as { device: string };
    const device = await this._records.secret('device', hash);
    return device && device.expires > this._clock.now() && dataOf(device).answer === 'open' ? device : null;
  }
}

function dataOf(secret: SecretRecord): DeviceData {
  return JSON.parse(secret.data) as DeviceData;
}
