/** A map that forgets what was used least recently. */
export class Lru<K, V> {
  private readonly _map = new Map<K, V>();
  private _weight = 0;

  /** @param _limit of the weights of all values together, each of which is 1 where nothing else is said */
  constructor(
    private readonly _limit: number,
    private readonly _weigh: (value: V) => number = () => 1
  ) {}

  get(key: K): V | undefined {
    const value = this._map.get(key);
    if (value !== undefined) {
      this._map.delete(key);
      this._map.set(key, value);
    }
    return value;
  }

  set(key: K, value: V): void {
    this._forget(key);
    this._map.set(key, value);
    this._weight += this._weigh(value);
    while (this._weight > this._limit && this._map.size > 1) {
      this._forget(this._map.keys().next().value as K);
    }
  }

  private _forget(key: K): void {
    const value = this._map.get(key);
    if (value !== undefined) {
      this._weight -= this._weigh(value);
      this._map.delete(key);
    }
  }
}
