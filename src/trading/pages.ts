/** What queries that list something have in common. */

/** For records: every symbol. */
export const EVERY_SYMBOL = -1;

/** The member of a page that says where the next one begins; none where there is no more. */
export function pageEnd(next: number | null | undefined): { next?: number } {
  return next === null || next === undefined ? {} : { next };
}
