/** The table of players. Only the rows in sight are in the document. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { onViewChange } from "../lib/on-view-change.ts";
import { COLUMNS, type Column, shownPlayers, sort, sortBy } from "./market-list.ts";
import { MarketRow } from "./market-row.tsx";

const ROW_HEIGHT = 52;
/** Rows that are drawn beyond the edges, so that they are there when the wheel turns. */
const MARGIN_ROWS = 6;

/** Where the table was scrolled to, kept while a player is shown. */
let scrolledTo = 0;

/** `none` is shown in the place of the rows while there are none. */
export function MarketTable({ none }: { none: ComponentChildren }) {
  const scroller = useRef<HTMLDivElement>(null);
  const first = useSignal(0);
  const count = useSignal(20);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = (): void => {
      scrolledTo = element.scrollTop;
      first.value = Math.max(0, Math.floor(element.scrollTop / ROW_HEIGHT) - MARGIN_ROWS);
      count.value = Math.ceil(element.clientHeight / ROW_HEIGHT) + 2 * MARGIN_ROWS;
    };
    element.scrollTop = scrolledTo;
    look();
    return onViewChange(element, look);
  }, []);

  const all = shownPlayers.value;
  const start = Math.min(first.value, Math.max(0, all.length - count.value));
  const shown = all.slice(start, start + count.value);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <div class="market-scroll" ref={scroller} tabIndex={0} role="group" aria-label="Players">
      <table role="table" aria-label="Market" aria-rowcount={all.length + 1} class="market-table">
        <thead role="rowgroup">
          <tr role="row" aria-rowindex={1} class="market-head">
            <th role="columnheader" class="cell-watch">
              <span class="unseen">Watch</span>
            </th>
            {COLUMNS.slice(0, 3).map((column) => (
              <HeadCell key={column.id} {...column} />
            ))}
            <th role="columnheader" class="cell-spark">
              Day
            </th>
            {COLUMNS.slice(3).map((column) => (
              <HeadCell key={column.id} {...column} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" style={{ height: `${all.length * ROW_HEIGHT}px` }}>
          {shown.map((player, i) => (
            <MarketRow
              key={player.info.symbol}
              player={player}
              index={start + i}
              top={(start + i) * ROW_HEIGHT}
            />
          ))}
        </tbody>
      </table>
      {none}
    </div>
  );
}

function HeadCell({ id, title }: { id: Column; title: string }) {
  const { column, isDescending } = sort.value;
  const isSorted = column === id;
  const direction = isDescending ? "descending" : "ascending";
  return (
    <th
      role="columnheader"
      class={`cell-${id}`}
      {...(isSorted && ({ "aria-sort": direction } as const))}
    >
      <button type="button" onClick={() => sortBy(id)}>
        {title}
        <span aria-hidden="true" class="sort-arrow">
          {isSorted ? (isDescending ? "↓" : "↑") : ""}
        </span>
      </button>
    </th>
  );
}
