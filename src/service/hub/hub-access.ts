/** The namespaces of the hub, over its database. */
import { NamespaceService } from '../../core/access/service';
import type { AccessPorts } from '../../core/access/context';
import type { Identity } from '../../core/model/access';
import type { Presence } from '../../core/model/namespace';
import type { IHubAccess } from './route';

/** Who has a project open, by its id, for all processes of the hub. */
export type TellPresence = (
  id: string,
  identity: Identity,
  mine: Pick<Presence, 'branch' | 'document'> | null
) => Promise<readonly Presence[]>;

export class HubAccess implements IHubAccess {
  constructor(
    private readonly _ports: AccessPorts,
    private readonly _presence: TellPresence
  ) {}

  as(identity: Identity): NamespaceService {
    return new NamespaceService(this._ports, identity);
  }

  async free(namespace: string): Promise<number | null> {
    const { directory } = this._ports;
    const facts = await directory.facts(namespace, { user: '', groups: [] }, []);
    const most = facts?.namespace.quota.bytes ?? null;
    return most === null ? null : Math.max(0, most - (await directory.usedBytes(namespace)));
  }

  async presence(
    identity: Identity,
    namespace: string,
    project: string,
    mine: Pick<Presence, 'branch' | 'document'> | null
  ): Promise<readonly Presence[]> {
    const namespaces = this.as(identity);
    const { record } = await namespaces.project(namespace, project);
    // Who lost access is not there any more, though they were a moment ago.
    return namespaces.whoSees(namespace, project, await this._presence(record.id, identity, mine));
  }
}
