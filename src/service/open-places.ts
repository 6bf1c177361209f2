/** The composition root of places: how this machine gets to folders, buckets and hubs. */
import { BranchbookError } from '../core/error';
import type { IPlaces } from '../core/port';

/** Nothing is opened, read or loaded before it is needed. */
export function createPlaces(): IPlaces {
  const notBuilt = (): never => {
    throw new BranchbookError('INTERNAL', 'not built');
  };
  return {
    connect: notBuilt,
    known: async () => [],
    signIn: notBuilt,
    signOut: notBuilt,
    isPlace: notBuilt,
    close: async () => undefined
  };
}
