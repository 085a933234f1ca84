/**
 * Finds a page of a book side by its key, however many pages the side has. It is a trie of nodes with 32 children each.
 * It is derived from the ladder, so it is not part of the state.
 *
 * ```
 *  rank of a page, 23 bits: its key, for bids counted down, so that the best has the lowest
 *  root of the book side ──3 bits──► node ──5──► node ──5──► node ──5──► node ──5──► page
 *                                     └ mask: which of the 32 children there are
 * ```
 */

const KEY_BITS = 23;
const KEY_MAX = 2 ** KEY_BITS - 1;
const NODE_SHIFT = 5;
const NODE_MASK = (1 << NODE_SHIFT) - 1;
/** Where the bits that choose a child of the root begin. */
const ROOT_SHIFT = 20;
const LEVELS = ROOT_SHIFT / NODE_SHIFT + 1;

export function createPageIndex(bookCount: number, pagesMax: number) {
  // At worst every page has nodes of its own. Memory is used only when it is written.
  const nodesMax = pagesMax * LEVELS;
  const children = new Int32Array((nodesMax + 1) << NODE_SHIFT);
  const masks = new Int32Array(nodesMax + 1);
  const roots = new Int32Array(bookCount);
  /** The first free node, whose first child is the next free one; and the first node that was never used. */
  let free = 0;
  let top = 1;
  /** The nodes from the root down to the key that is being removed. */
  const path = new Int32Array(LEVELS);

  const rankOf = (book: number, key: number): number => ((book & 1) === 0 ? KEY_MAX - key : key);

  function takeNode(): number {
    const node = free;
    if (node === 0) return top++;
    free = children[node << NODE_SHIFT];
    children[node << NODE_SHIFT] = 0;
    return node;
  }

  /** Adds a page that the side does not have yet. */
  function add(book: number, key: number, page: number): void {
    const rank = rankOf(book, key);
    let node = roots[book];
    if (node === 0) {
      node = takeNode();
      roots[book] = node;
    }
    for (let shift = ROOT_SHIFT; shift > 0; shift -= NODE_SHIFT) {
      const i = (rank >> shift) & NODE_MASK;
      const child = (node << NODE_SHIFT) | i;
      if ((masks[node] & (1 << i)) === 0) {
        masks[node] |= 1 << i;
        children[child] = takeNode();
      }
      node = children[child];
    }
    masks[node] |= 1 << (rank & NODE_MASK);
    children[(node << NODE_SHIFT) | (rank & NODE_MASK)] = page;
  }

  /** Removes a page, and the nodes that lead to no other page. */
  function remove(book: number, key: number): void {
    const rank = rankOf(book, key);
    let node = roots[book];
    for (let level = 0, shift = ROOT_SHIFT; level < LEVELS; level++, shift -= NODE_SHIFT) {
      path[level] = node;
      node = children[(node << NODE_SHIFT) | ((rank >> shift) & NODE_MASK)];
    }
    for (let level = LEVELS - 1, shift = 0; level >= 0; level--, shift += NODE_SHIFT) {
      const at = path[level];
      const mask = masks[at] & ~(1 << ((rank >> shift) & NODE_MASK));
      masks[at] = mask;
      if (mask !== 0) return;
      children[at << NODE_SHIFT] = free;
      free = at;
    }
    roots[book] = 0;
  }

  /** The first page, from the best, that is not better than `key`; 0 when all are better. */
  function at(book: number, key: number): number {
    const rank = rankOf(book, key);
    let node = roots[book];
    if (node === 0) return 0;
    /**
     * The lowest node on the way that has a later child, that node's later children, and its shift. The search turns
     * there when the way ends.
     */
    let turn = 0;
    let later = 0;
    let turnShift = 0;
    for (let shift = ROOT_SHIFT; ; shift -= NODE_SHIFT) {
      const i = (rank >> shift) & NODE_MASK;
      const mask = masks[node];
      // `-2 << 31` is 0 in 32 bits: the last child has none after it.
      const after = mask & (-2 << i);
      if (after !== 0) {
        turn = node;
        later = after;
        turnShift = shift;
      }
      if ((mask & (1 << i)) === 0) break;
      node = children[(node << NODE_SHIFT) | i];
      if (shift === 0) return node;
    }
    if (turn === 0) return 0;
    for (let shift = turnShift; ; shift -= NODE_SHIFT) {
      turn = children[(turn << NODE_SHIFT) | (31 - Math.clz32(later & -later))];
      if (shift === 0) return turn;
      later = masks[turn];
    }
  }

  function reset(): void {
    roots.fill(0);
    masks.fill(0, 0, top);
    children.fill(0, 0, top << NODE_SHIFT);
    free = 0;
    top = 1;
  }

  return { add, remove, at, reset };
}
