import type { TranslationBundle } from '@jupyterlab/translation';
import type { PanelModel } from './panel-model';

/** What every section of the panel is drawn from. */
export type SectionProps = { readonly model: PanelModel; readonly trans: TranslationBundle };
