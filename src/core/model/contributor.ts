/** Who may use a profile of Kubeflow's. */
import type { Member } from './namespace';

/** Roles of Kubeflow's access management, the least first. */
export const contributorRoles = ['view', 'edit', 'admin'] as const;
export type ContributorRole = (typeof contributorRoles)[number];

/** Somebody who may use a profile of Kubeflow's; its owner is among them, as `admin`. */
export type Contributor = { readonly who: Member['principal']; readonly role: ContributorRole };
