/** For long lists of rows of about the same height: only the rows in sight are in the document. */
import { useSignal } from "@preact/signals";
import type { RefObject, VNode } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { onViewChange } from "./on-view-change.ts";

/** Lists of up to so many rows are drawn whole. */
const LONG = 100;
/** Rows that are drawn beyond the edges, so that they are there when the wheel turns. */
const MARGIN_ROWS = 10;
/** Height of a row in pixels before one was measured. */
const ROW_HEIGHT = 40;

interface InSight {
  /** The index of the first row in the document, from 0, and of the one after the last. */
  readonly first: number;
  readonly end: number;
  /** Table rows in place of those above and below; null when there are none. */
  readonly above: VNode | null;
  readonly below: VNode | null;
}

/**
 * Which rows to draw. `scroller` must hold one table, with `above`, the rows from `first` to `end`, and
 * `below`.
 */
export function useRowsInSight(scroller: RefObject<HTMLElement | null>, total: number): InSight {
  const top = useSignal(0);
  const height = useSignal(400);
  const rowHeight = useSignal(ROW_HEIGHT);
  const isLong = total > LONG;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || !isLong) return;
    const look = (): void => {
      const rows = element.querySelectorAll<HTMLElement>("tbody > tr:not([aria-hidden])");
      const first = rows[0];
      const last = rows[rows.length - 1];
      if (first !== undefined && last !== undefined) {
        const sum = last.getBoundingClientRect().bottom - first.getBoundingClientRect().top;
        rowHeight.value = Math.max(1, sum / rows.length);
      }
      top.value = element.scrollTop;
      height.value = element.clientHeight;
    };
    look();
    return onViewChange(element, look);
  }, [isLong]);
  if (!isLong) return { first: 0, end: total, above: null, below: null };
  const count = Math.ceil(height.value / rowHeight.value) + 2 * MARGIN_ROWS;
  const wanted = Math.floor(top.value / rowHeight.value) - MARGIN_ROWS;
  const first = Math.max(0, Math.min(wanted, total - count));
  const end = Math.min(total, first + count);
  return {
    first,
    end,
    above: rowsOut(first * rowHeight.value),
    below: rowsOut((total - end) * rowHeight.value),
  };
}

function rowsOut(height: number): VNode | null {
  return height === 0 ? null : (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row without cells takes no focus
    <tr aria-hidden="true" class="rows-out" style={{ height: `${height}px` }} />
  );
}
