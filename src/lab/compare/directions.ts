import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { MetricDirection } from '../../core/model/compare';
import type { MetricRow } from '../../core/model/result';
import { metricKey } from './judge';

/** Plugin that owns the setting; its schema is `schema/compare.json`. */
export const compareSettings = 'branchbook:compare';

/** Which way each metric is good: what the user chose, remembered in the settings, else what the core knows. */
export class Directions {
  constructor(private readonly _registry: ISettingRegistry | null) {
    void _registry?.load(compareSettings).then(settings => {
      const apply = (): void => {
        this._chosen = settings.get('metricDirections').composite as Record<string, string>;
        this._changed.emit();
      };
      settings.changed.connect(apply);
      apply();
    });
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  of(metric: MetricRow): MetricDirection {
    const chosen = this._chosen[metricKey(metric)];
    return chosen === 'higher' || chosen === 'lower'
      ? chosen
      : chosen === 'unknown'
        ? null
        : (metric.direction ?? null);
  }

  set(metric: MetricRow, direction: MetricDirection): void {
    this._chosen = { ...this._chosen, [metricKey(metric)]: direction ?? 'unknown' };
    this._changed.emit();
    void this._registry?.set(compareSettings, 'metricDirections', { ...this._chosen });
  }

  private _chosen: Readonly<Record<string, string>> = {};
  private readonly _changed = new Signal<this, void>(this);
}
