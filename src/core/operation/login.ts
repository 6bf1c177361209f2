/** `login` and `logout`: who the user is to a place. */
import type { LoginArgs, LoginResult, LogoutArgs, LogoutResult } from '../model/sharing';
import type { Activity, IAccount } from '../port';
import type { AccountOperation } from './operation';

export const loginOperation: AccountOperation<'login'> = {
  verb: 'login',
  summary: 'Sign in to a hub',
  run: login
};

export const logoutOperation: AccountOperation<'logout'> = {
  verb: 'logout',
  summary: 'Forget the token of a hub',
  run: logout
};

/** SIGN_IN_FAILED, PLACE_UNKNOWN, PLACE_UNREACHABLE. */
async function login({ places }: IAccount, args: LoginArgs, activity: Activity): Promise<LoginResult> {
  return { place: args.place, identity: await places.signIn(args.place, args.token ?? null, activity) };
}

async function logout({ places }: IAccount, args: LogoutArgs): Promise<LogoutResult> {
  return { place: args.place, revoked: await places.signOut(args.place) };
}
