/**
 * Finds who holds most of a shared table, so that a full table takes room from that holder. Holders are put into
 * classes by powers of two of what they hold. The holders of a class form a list: who has been in the class longest
 * comes first.
 *
 * ```
 *  class 0: 1   class 1: 2, 3   class 2: 4 … 7   …        heads: FIRST, LAST of each, as holder + 1; 0 = none
 *  holder, 8 bytes: int 0 NEXT, 1 PREV in its class, as holder + 1; 0 = none
 * ```
 *
 * `largest` gives a holder of the highest class, so it holds more than half of what any other holder does. Therefore
 * whoever has no more than half of an equal share (half of the table's size divided by the number of holders) never has
 * to give up anything.
 */

const HOLDER_INTS = 2;
const NEXT = 0;
const PREV = 1;
const CLASSES = 32;
const FIRST = 0;
const LAST = 1;

/** Holders are numbered from 0. */
export function createFairShares(holdersMax: number) {
  const ints = new Int32Array(holdersMax * HOLDER_INTS);
  const heads = new Int32Array(CLASSES * 2);

  /** The class of a holder of `held`; -1 when that is 0. */
  const classOf = (held: number): number => 31 - Math.clz32(held);

  /** A holder that held `before` holds `after` now; both are whole numbers from 0. */
  function changed(holder: number, before: number, after: number): void {
    const from = classOf(before);
    const to = classOf(after);
    if (from === to) return;
    if (from >= 0) leave(holder, from);
    if (to >= 0) join(holder, to);
  }

  function join(holder: number, to: number): void {
    const last = heads[to * 2 + LAST];
    ints[holder * HOLDER_INTS + PREV] = last;
    ints[holder * HOLDER_INTS + NEXT] = 0;
    if (last !== 0) ints[(last - 1) * HOLDER_INTS + NEXT] = holder + 1;
    else heads[to * 2 + FIRST] = holder + 1;
    heads[to * 2 + LAST] = holder + 1;
  }

  function leave(holder: number, from: number): void {
    const next = ints[holder * HOLDER_INTS + NEXT];
    const previous = ints[holder * HOLDER_INTS + PREV];
    if (previous !== 0) ints[(previous - 1) * HOLDER_INTS + NEXT] = next;
    else heads[from * 2 + FIRST] = next;
    if (next !== 0) ints[(next - 1) * HOLDER_INTS + PREV] = previous;
    else heads[from * 2 + LAST] = previous;
    ints[holder * HOLDER_INTS + NEXT] = 0;
    ints[holder * HOLDER_INTS + PREV] = 0;
  }

  /** The holder that has been longest among those with most; -1 when nobody holds anything. */
  function largest(): number {
    for (let at = CLASSES - 1; at >= 0; at--) {
      const first = heads[at * 2 + FIRST];
      if (first !== 0) return first - 1;
    }
    return -1;
  }

  return {
    /** The state: `heads`, and the first `words(holders)` of `ints`. */
    ints,
    heads,
    /** Words of `ints` for so many holders. */
    words: (holders: number): number => holders * HOLDER_INTS,
    changed,
    largest,
  };
}
