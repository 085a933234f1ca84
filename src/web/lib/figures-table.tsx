import type { ComponentChildren } from "preact";

interface TableProps {
  /** Of what scrolls, for those who do not see it. */
  label: string;
  heads: readonly ComponentChildren[];
  /** Rows. */
  children: ComponentChildren;
  /** Below the rows, such as that there are none. */
  foot?: ComponentChildren;
  scrollClass?: string;
  tableClass?: string;
}

/** A table of figures that scrolls by itself. */
export function FiguresTable(props: TableProps) {
  const {
    label,
    heads,
    children,
    foot,
    scrollClass = "table-scroll",
    tableClass = "figures-table",
  } = props;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <div class={scrollClass} tabIndex={0} role="group" aria-label={label}>
      <table class={tableClass}>
        <thead>
          <tr>
            {heads.map((head, column) => (
              <th key={column} scope="col">
                {head}
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
