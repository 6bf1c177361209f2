/** A map that forgets what was used least recently. */
export class Lru<K, V> {
  private readonly _map = new Map<K, V>();

  constructor(private readonly _limit: number) {}

  get(key: K): V | undefined {
    const value = this._map.get(key);
    if (value !== undefined) {
      this._map.delete(key);
      this._map.set(key, value);
    }
    return value;
  }

  set(key: K, value: V): void {
    this._map.delete(key);
    this._map.set(key, value);
    if (this._map.size > this._limit) {
      this._map.delete(this._map.keys().next().value as K);
    }
  }
}
