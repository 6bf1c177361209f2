/** What `Places` needs from each kind of place. */
import type { IPlace } from '../../core/port';

/** The token to send to the place that it is for, asked for each request: signing in and out is seen at once. */
export type TokenSource = () => Promise<string | null>;

export type Connector = {
  /** PLACE_UNKNOWN, PLACE_UNREACHABLE. Folders and buckets know the user by other means than a token. */
  readonly connect: (address: string, token: TokenSource) => Promise<IPlace>;
  /** Whether a place of ours is there. False also when nobody answers. */
  readonly isPlace: (address: string) => Promise<boolean>;
};
