/** What the hub counts, for Prometheus. No label holds a name that somebody chose. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

export class HubMetrics {
  private readonly _registry = new Registry();
  private readonly _duration: Histogram<'route' | 'method' | 'status'>;
  private readonly _pushes: Counter<'outcome'>;

  /** @param gauges what is looked at when somebody asks, by name: a sentence and a function */
  constructor(gauges: Readonly<Record<string, { readonly help: string; readonly value: () => number }>>) {
    const registers = [this._registry];
    collectDefaultMetrics({ register: this._registry, prefix: 'branchbook_hub_' });
    this._duration = new Histogram({
      name: 'branchbook_hub_request_seconds',
      help: 'Requests answered, by route, method and status',
      labelNames: ['route', 'method', 'status'],
      buckets: BUCKETS,
      registers
    });
    this._pushes = new Counter({
      name: 'branchbook_hub_refs_total',
      help: 'Refs that pushes moved, and that were refused',
      labelNames: ['outcome'],
      registers
    });
    for (const [name, { help, value }] of Object.entries(gauges)) {
      new Gauge({
        name: `branchbook_hub_${name}`,
        help,
        registers,
        collect() {
          this.set(value());
        }
      });
    }
  }

  answered(route: string, method: string, status: number, milliseconds: number): void {
    this._duration.observe({ route, method, status: String(status) }, milliseconds / 1000);
  }

  pushed(outcome: 'ok' | 'refused', refs: number): void {
    this._pushes.inc({ outcome }, refs);
  }

  async text(): Promise<{ readonly type: string; readonly text: string }> {
    return { type: this._registry.contentType, text: await this._registry.metrics() };
  }
}
