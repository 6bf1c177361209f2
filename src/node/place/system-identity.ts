/** Who the user is where no server asks: whom the system, or the JupyterHub that started it, takes them for. */
import { userInfo } from 'node:os';
import type { Identity } from '../../core/model/access';
import type { IFileSystem } from '../../core/port';
import type { Environment } from '../process/environment';

type Group = { readonly name: string; readonly id: number; readonly members: readonly string[] };

/** Groups of this machine. Those of directory services are not told by any file, and do not count. */
async function systemGroups(files: IFileSystem): Promise<readonly Group[]> {
  const bytes = await files.readFile('/etc/group').catch(() => null);
  const lines = bytes ? new TextDecoder().decode(bytes).split('\n') : [];
  return lines.flatMap(line => {
    const [name, , id, members] = line.split(':');
    return name && id ? [{ name, id: Number(id), members: (members ?? '').split(',') }] : [];
  });
}

/** In images whose user number has no name, the number is the name. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 0}`;
  }
}

/** Letters, digits, `.`, `_`, `-` and `@`; others become `-`. */
const cleaned = (name: string): string => name.replace(/[^A-Za-z0-9._@-]/g, '-');

export async function systemIdentity(files: IFileSystem, environment: Environment): Promise<Identity> {
  const account = accountName();
  const name = environment['JUPYTERHUB_USER'] || account;
  const own = new Set(process.getgroups?.() ?? []);
  const groups = (await systemGroups(files)).filter(({ id, members }) => own.has(id) || members.includes(account));
  return {
    user: cleaned(name),
    displayName: name,
    groups: groups.map(group => group.name).sort(),
    admin: false,
    provider: 'system'
  };
}

/** Groups of any user of this machine. */
export async function groupsOfUser(files: IFileSystem, user: string): Promise<readonly string[]> {
  const groups = await systemGroups(files);
  return groups.filter(({ members }) => members.includes(user)).map(({ name }) => name);
}
