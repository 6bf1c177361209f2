import type { TranslationBundle } from '@jupyterlab/translation';
import type { SharedWorkspace } from '../../core/model/namespace';
import type { Changes } from './changes';
import type { NamespaceModel } from './namespace-model';
import type { ServerSharesModel } from './server-shares-model';
import type { ShareChoice, ShareScene } from './share-choice';

export type ShareOptions = {
  readonly model: NamespaceModel;
  readonly changes: Changes;
  readonly scene: ShareScene;
  /** What to begin with: a file that was picked, for example. */
  readonly preset: Partial<ShareChoice>;
  /** What a link may open; null when there is nothing of the project to open. */
  readonly workspace: SharedWorkspace | null;
  /** Branches of the project, to choose from. */
  readonly branches: readonly string[];
  /** The server that this runs in; null when it cannot be shared. */
  readonly server: ServerSharesModel | null;
  readonly trans: TranslationBundle;
};
