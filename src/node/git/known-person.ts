/** Whom git's settings do not name, and who is known all the same. */
import type { Person } from '../../core/model/git';

/**
 * The user of the JupyterHub that started this server, notebook or terminal; null elsewhere. Many hubs have email addresses
 * for names; where it is none, the hub's host stands for one, so that everybody has their own.
 */
export function personOfJupyterHub(environment: { readonly [name: string]: string | undefined }): Person | null {
  const name = environment['JUPYTERHUB_USER'];
  if (!name) {
    return null;
  }
  const address = environment['JUPYTERHUB_PUBLIC_HUB_URL'] ?? '';
  const host = URL.canParse(address) ? new URL(address).hostname : 'localhost';
  const user = name.replace(/[^\w.+@-]/g, '-');
  return { name, email: user.includes('@') ? user : `${user}@${host}` };
}
