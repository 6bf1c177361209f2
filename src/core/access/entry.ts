/** How entries of a namespace are named among those of their kind, and edits applied to a whole state. */
import { formatPrincipal } from '../model/access';
import type { AccessRequest, Grant, Member, ProjectRecord } from '../model/namespace';
import type { Edit, EndpointEntry, Entries, EntryKind, LinkEntry, NamespaceState } from '../port';

export function keyOf<K extends EntryKind>(kind: K, entry: Entries[K]): string {
  switch (kind) {
    case 'member':
      return formatPrincipal((entry as Member).principal);
    case 'project':
    case 'endpoint':
      return (entry as ProjectRecord | EndpointEntry).name;
    default:
      return (entry as Grant | LinkEntry | AccessRequest).id;
  }
}

/** Where a state has the entries of a kind. */
export const listNames = {
  member: 'members',
  grant: 'grants',
  link: 'links',
  project: 'projects',
  endpoint: 'endpoints',
  request: 'requests'
} as const;

/** The state after the edits, one revision later. */
export function applyEdits(state: NamespaceState, edits: readonly Edit[]): NamespaceState {
  const after = edits.reduce(applyEdit, state);
  return { ...after, revision: state.revision + 1 };
}

function applyEdit(state: NamespaceState, edit: Edit): NamespaceState {
  if (edit.type === 'record') {
    return { ...state, record: edit.record };
  }
  const name = listNames[edit.kind];
  const key = edit.type === 'put' ? keyOf(edit.kind, edit.entry) : edit.key;
  const others = (state[name] as readonly Entries[EntryKind][]).filter(entry => keyOf(edit.kind, entry) !== key);
  return { ...state, [name]: edit.type === 'put' ? [...others, edit.entry] : others };
}
