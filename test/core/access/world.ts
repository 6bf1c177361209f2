/** Namespaces in memory, and people who use them. */
import { createHash } from 'node:crypto';
import { administeredPlace, openPlace } from '../../../src/core/access/context';
import type { AccessPorts } from '../../../src/core/access/context';
import { DocumentDirectory } from '../../../src/core/access/document-directory';
import { NamespaceService } from '../../../src/core/access/service';
import type { Identity } from '../../../src/core/model/access';
import type { IDirectory } from '../../../src/core/port';
import { createMemoryBucket } from '../../../src/node/memory/memory-service';

export const START = Date.UTC(2026, 10, 21);
export const DAY = 86_400_000;

/** Numbers in order instead of chance: unique, and the same in every run. */
export function countingRandom(): AccessPorts['random'] {
  let count = 0;
  return { hex: bytes => (count += 1).toString(16).padStart(bytes * 2, '0') };
}

export class World {
  now = START;
  readonly groups = new Map<string, readonly string[]>();
  readonly ports: AccessPorts;

  constructor(directory: IDirectory = new DocumentDirectory(createMemoryBucket()), administered = false) {
    this.ports = {
      directory,
      clock: { now: () => this.now },
      random: countingRandom(),
      sha256: text => createHash('sha256').update(text).digest('hex'),
      groupsOf: async user => this.groups.get(user) ?? [],
      rules: administered ? administeredPlace : openPlace,
      seal: { seal: text => `sealed(${text})`, open: sealed => sealed.slice(7, -1) }
    };
  }

  identity(user: string, admin = false): Identity {
    return { user, displayName: user, groups: this.groups.get(user) ?? [], admin, provider: 'local' };
  }

  as(user: string, admin = false): NamespaceService {
    return new NamespaceService(this.ports, this.identity(user, admin));
  }

  /** A namespace of a team with a project, owned by olga. */
  async team(name = 'team', projects: readonly string[] = ['iris']): Promise<NamespaceService> {
    const olga = this.as('olga');
    await olga.create({ name, kind: 'team', title: name, label: 'unclassified', git: null });
    for (const project of projects) {
      await olga.change(name, { type: 'add-project', name: project });
    }
    return olga;
  }
}
