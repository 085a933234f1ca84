/** Puts an entry at the end of the map. Beyond `max` entries removes the first one, which was not used for longest. */
export function remember<Key, Value>(
  map: Map<Key, Value>,
  key: Key,
  value: Value,
  max: number,
): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > max) map.delete(map.keys().next().value as Key);
}

/** The value of `key`, made by `create` when the map has none. The entry moves to the end, as `remember` does it. */
export function recall<Key, Value>(
  map: Map<Key, Value>,
  key: Key,
  max: number,
  create: () => Value,
): Value {
  const value = map.get(key) ?? create();
  remember(map, key, value, max);
  return value;
}
