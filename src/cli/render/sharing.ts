/** Namespaces, members and shares in words. */
import { formatBytes } from '../../core/format/bytes';
import { audiences, formatObject, formatPrincipal, resourceClasses } from '../../core/model/access';
import { dayOf } from '../../core/model/grant-words';
import type { AuditEvent, Link, NamespaceView } from '../../core/model/namespace';
import type { MemberResult, NamespaceListing, NamespaceResult, ShareResult } from '../../core/model/sharing';
import { andMore, count, formatTime, joinLines, LIST_LINES, table } from './words';
import type { Style } from './words';

export function renderNamespace({ places, view, events, done }: NamespaceResult, style: Style): string {
  if (places) {
    return places.length === 0
      ? 'No place is known yet. Make a namespace with `branchbook namespace create PLACE/NAMESPACE`.'
      : joinLines(...places.map(place => renderPlace(place, style)));
  }
  if (events) {
    return renderEvents(events, style);
  }
  return done ?? (view ? renderView(view, style) : '');
}

function renderPlace({ place, identity, namespaces, error }: NamespaceListing, style: Style): string {
  const who = identity ? style.dim(` as ${identity.user}`) : '';
  const rows = namespaces.map(({ name, title, kind, label, right, projects, members }) => [
    name,
    title === name ? '' : title,
    right ?? 'some of it',
    label === 'unclassified' ? kind : `${kind}, ${label}`,
    `${count(projects, 'project')}, ${count(members, 'member')}`
  ]);
  return joinLines(
    `${style.bold(place)}${who}`,
    error && style.yellow(`  ${error}`),
    table(rows),
    !error && rows.length === 0 && '  no namespace that you may see'
  );
}

function renderView(view: NamespaceView & { readonly place: string }, style: Style): string {
  const { namespace, right, members, projects, endpoints, requests, place, usedBytes } = view;
  const { quota } = namespace;
  const room = quota.bytes === null ? '' : ` of ${formatBytes(quota.bytes)}`;
  const label = namespace.label === 'unclassified' ? '' : `, ${style.yellow(namespace.label)}`;
  return joinLines(
    `${style.bold(`${place}/${namespace.name}`)}  ${namespace.title}`,
    style.dim(
      `  ${namespace.kind}${label}; you may ${right ?? 'use some of it'}; ${formatBytes(usedBytes)}${room} stored`
    ),
    'At most:',
    table([
      ['', ...resourceClasses],
      ...audiences.map(audience => [audience, ...resourceClasses.map(resource => namespace.policy[audience][resource])])
    ]),
    projects.length > 0 && 'Projects:',
    table(
      projects
        .slice(0, LIST_LINES)
        .map(({ name, right: held, label: own, description, branchRules }) => [
          name,
          held,
          own === 'unclassified' ? '' : style.yellow(own),
          branchRules.map(({ pattern, push }) => `${pattern}=${push}`).join(' '),
          style.dim(description)
        ])
    ),
    andMore(projects),
    members.length > 0 && 'Members:',
    memberTable(members, style),
    andMore(members),
    endpoints.length > 0 && 'Compute:',
    table(endpoints.map(({ name, title, right: held }) => [name, held, title])),
    requests.some(({ answer }) => answer === 'open') && 'Somebody asks for access: `branchbook share list`.'
  );
}

function memberTable(members: NamespaceView['members'], style: Style): string {
  return table(
    members
      .slice(0, LIST_LINES)
      .map(({ principal, role, cleared, by }) => [
        formatPrincipal(principal),
        role,
        cleared ? 'cleared' : '',
        style.dim(`by ${by}`)
      ])
  );
}

function renderEvents(events: readonly AuditEvent[], style: Style): string {
  const rows = events.map(({ time, user, action, project, outcome, detail }) => [
    style.dim(formatTime(new Date(time).toISOString())),
    user,
    outcome === 'refused' ? style.red(action) : action,
    project ?? '',
    detail
  ]);
  return rows.length === 0 ? 'Nothing yet.' : table(rows);
}

export function renderMember({ namespace, members, done }: MemberResult, style: Style): string {
  return done ?? joinLines(style.bold(namespace), memberTable(members, style), andMore(members));
}

export function renderShare(result: ShareResult, style: Style): string {
  if (result.who) {
    return renderWho(result.who, style);
  }
  return result.done === undefined
    ? renderShares(result, style)
    : joinLines(result.done, result.link && style.bold(result.link));
}

function renderWho(who: NonNullable<ShareResult['who']>, style: Style): string {
  const rows = who
    .slice(0, LIST_LINES)
    .map(({ principal, right, because }) => [
      formatPrincipal(principal),
      right,
      style.dim(because.map(({ text }) => text).join('; '))
    ]);
  return rows.length === 0 ? 'Nobody.' : joinLines(table(rows), andMore(who));
}

function renderShares({ namespace, grants, links, requests }: ShareResult, style: Style): string {
  const open = requests.filter(({ answer }) => answer === 'open');
  const given = grants.map(({ id, principal, right, object, expires }) => [
    style.dim(id),
    formatPrincipal(principal),
    right,
    formatObject(object),
    expires === null ? '' : `until ${dayOf(expires)}`
  ]);
  return joinLines(
    style.bold(namespace),
    given.length > 0 && 'Shared with:',
    table(given),
    links.length > 0 && 'Links:',
    table(links.map(link => [style.dim(link.id), link.right, formatObject(link.object), linkState(link)])),
    open.length > 0 && 'Asked for:',
    table(
      open.map(({ id, user, right, object, message }) => [style.dim(id), user, right, formatObject(object), message])
    ),
    given.length + links.length + open.length === 0 && '  nothing is shared here beside what members and the table have'
  );
}

function linkState({ revoked, expires, uses, used, gives }: Link): string {
  const what = gives === 'membership' ? 'makes members, ' : '';
  const state = revoked ? 'revoked' : uses === 'single' && used > 0 ? 'used' : `until ${dayOf(expires)}`;
  return `${what}${state}, opened ${count(used, 'time')}`;
}
