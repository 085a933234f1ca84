import type { ComponentChildren, Ref } from "preact";

/** The head of a column of words, which are aligned left; figures are aligned right. */
export interface WordsHead {
  words: string;
}

interface TableProps {
  /** The accessible name of the part that scrolls. */
  label: string;
  heads: readonly (ComponentChildren | WordsHead)[];
  /** The rows. */
  children: ComponentChildren;
  /** Shown below the rows, such as that there are none. */
  foot?: ComponentChildren;
  scrollClass?: string;
  tableClass?: string;
  scroller?: Ref<HTMLDivElement> | undefined;
  /** Number of all rows, if not all of them are in the document. */
  rowCount?: number | undefined;
}

/** A table of figures that scrolls on its own. */
export function FiguresTable(props: TableProps) {
  const {
    label,
    heads,
    children,
    foot,
    scrollClass = "table-scroll",
    tableClass = "figures-table",
    scroller = null,
    rowCount,
  } = props;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <div class={scrollClass} tabIndex={0} role="group" aria-label={label} ref={scroller}>
      <table class={tableClass} aria-rowcount={rowCount === undefined ? undefined : rowCount + 1}>
        <thead>
          <tr>
            {heads.map((head, column) => (
              <th key={column} scope="col" class={isWords(head) ? "cell-words" : undefined}>
                {isWords(head) ? head.words : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
      {foot}
    </div>
  );
}

function isWords(head: ComponentChildren | WordsHead): head is WordsHead {
  return typeof head === "object" && head !== null && "words" in head;
}
