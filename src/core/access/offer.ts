/** What a link would give, for whoever has it: nothing is taken, and nobody is asked who they are. */
import type { LinkOffer } from '../model/namespace';
import type { AccessPorts } from './context';
import { decide } from './decide';
import { isOpen, linkInvalid } from './links';

/** LINK_INVALID. */
export async function offerOf(ports: AccessPorts, code: string): Promise<LinkOffer> {
  const { directory, sha256, clock, groupsOf } = ports;
  const codeHash = sha256(code);
  const namespace = await directory.namespaceOfLink(codeHash);
  const state = namespace === null ? null : await directory.state(namespace);
  const link = state?.links.find(each => each.codeHash === codeHash);
  const now = clock.now();
  if (!state || !link || !isOpen(link, now)) {
    throw linkInvalid();
  }
  const maker = { user: link.by, groups: await groupsOf(link.by) };
  const creator = await directory.facts(state.record.name, maker, 'all');
  if (!creator || !decide(creator, 'manage', link.object, now).allowed) {
    throw linkInvalid();
  }
  const { right, object, gives, uses, expires, by, workspace } = link;
  const { name, title } = state.record;
  return { namespace: name, title, right, object, gives, uses, expires, by, workspace };
}
