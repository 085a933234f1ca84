const ORDER = { failed: 0, degraded: 1, ok: 2 } as const;

/** Components by name: first the failed ones, then the degraded ones. */
export function worstFirst<Component extends { status: keyof typeof ORDER }>(
  components: Readonly<Record<string, Component>>,
): [name: string, component: Component][] {
  return Object.entries(components).toSorted(
    ([, left], [, right]) => ORDER[left.status] - ORDER[right.status],
  );
}
