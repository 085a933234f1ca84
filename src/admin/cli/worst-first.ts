const ORDER = { failed: 0, degraded: 1, ok: 2 } as const;

/** Components by name, those that are not well first. */
export function worstFirst<Component extends { status: keyof typeof ORDER }>(
  components: Readonly<Record<string, Component>>,
): [name: string, component: Component][] {
  return Object.entries(components).toSorted(
    ([, left], [, right]) => ORDER[left.status] - ORDER[right.status],
  );
}
