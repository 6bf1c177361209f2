/** The user's own attributes and ignore files, outside the repository. */
import { hasCode } from '../../core/error';

/** As git does: a file of the user that may not be read stops nothing, it counts as absent. */
export async function unlessForbidden<T>(work: Promise<T>, absent: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, 'PERMISSION_DENIED')) {
      return absent;
    }
    throw error;
  }
}
