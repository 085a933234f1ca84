/** Shared by queries that return pages. */

/** In place of a symbol's number: all symbols. */
export const EVERY_SYMBOL = -1;

/** The member `next` of a page, which says where the next page begins; left out when there is none. */
export function pageEnd(next: number | null | undefined): { next?: number } {
  return next === null || next === undefined ? {} : { next };
}
