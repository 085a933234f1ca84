/** Long lists as JSON, written without keeping others from their turn. */
import { breathe } from "./steps.ts";

/** Rows that are written in one turn of the event loop: about a millisecond of work. */
const ROWS_AT_ONCE = 128;

const encoder = new TextEncoder();

/**
 * The object `head` with `lists` behind its members, as JSON in UTF-8. Other work has its turn after each 128 rows, and the
 * rows of the next turn are made then.
 */
export async function encodeLists(
  lists: Readonly<Record<string, Iterable<object>>>,
  head: object = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  const write = (text: string): void => void pieces.push(encoder.encode(text));
  write(JSON.stringify(head).slice(0, -1));
  let isFirst = Object.keys(head).length === 0;
  for (const [name, list] of Object.entries(lists)) {
    write(`${isFirst ? "" : ","}${JSON.stringify(name)}:[`);
    isFirst = false;
    let rows: string[] = [];
    let separator = "";
    for (const row of list) {
      rows.push(JSON.stringify(row));
      if (rows.length < ROWS_AT_ONCE) continue;
      write(separator + rows.join(","));
      separator = ",";
      rows = [];
      await breathe();
    }
    if (rows.length > 0) write(separator + rows.join(","));
    write("]");
  }
  write("}");
  return Buffer.concat(pieces);
}
