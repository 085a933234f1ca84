/** Puts an entry last and, beyond `max` entries, forgets the first, which was not touched for longest. */
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

/** The value of `key`, made by `create` where there is none; it is remembered, as `remember` does. */
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
