import type { ISettingRegistry } from '@jupyterlab/settingregistry';

/** Plugin that owns the settings; its schema is `schema/switcher.json`. */
export const settingsId = 'branchbook:switcher';

type Values = { readonly reopenTabs: boolean; readonly askWhenBusy: boolean; readonly markKernels: boolean };

const defaults: Values = { reopenTabs: true, askWhenBusy: true, markKernels: true };

/** The switcher's settings; the defaults hold until they are loaded, and when they cannot be. */
export class SwitchSettings {
  constructor(loading: Promise<ISettingRegistry.ISettings> | null) {
    loading
      ?.then(settings => (this._settings = settings))
      .catch((error: unknown) => console.warn('Branchbook uses default settings.', error));
  }

  get(name: keyof Values): boolean {
    const value = this._settings?.get(name).composite;
    return typeof value === 'boolean' ? value : defaults[name];
  }

  private _settings: ISettingRegistry.ISettings | null = null;
}
