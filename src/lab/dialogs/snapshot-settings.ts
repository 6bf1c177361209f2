import type { ISettingRegistry } from '@jupyterlab/settingregistry';

/** The settings of schema/dialogs.json. */
export type SnapshotSettings = {
  /** Text a new message starts with; `{branch}`, `{date}` and `{files}` are filled in. */
  readonly messageTemplate: string;
  readonly confirmRestore: boolean;
  /** Minutes between automatic snapshots; 0 = none. */
  readonly autosnapshot: number;
};

export const defaultSettings: SnapshotSettings = { messageTemplate: '', confirmRestore: true, autosnapshot: 0 };

export function readSettings(settings: ISettingRegistry.ISettings): SnapshotSettings {
  return { ...defaultSettings, ...(settings.composite as Partial<SnapshotSettings>) };
}

/** Fill in a message template. */
export function fillTemplate(template: string, values: { branch: string; files: number; date: Date }): string {
  const words = new Map([
    ['branch', values.branch],
    ['files', String(values.files)],
    ['date', values.date.toISOString().slice(0, 10)]
  ]);
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => words.get(name) ?? whole);
}
