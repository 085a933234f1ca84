/** Reads the tables of a page in `proto/` so that tests can compare them with the code. */
import { join } from "node:path";

export class DocumentedLayout {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** The page of that name. */
  static async read(name: string): Promise<DocumentedLayout> {
    const path = join(import.meta.dir, "../../proto", name);
    return new DocumentedLayout(await Bun.file(path).text());
  }

  /** The rows of the first table after `heading`, as cells, without the header row and the line below it. */
  tableAfter(heading: string): string[][] {
    const start = this.text.indexOf(`\n${heading}\n`);
    if (start < 0) throw new Error(`no heading "${heading}"`);
    const table = /(?:^\|.*\n)+/m.exec(this.text.slice(start));
    if (table === null) throw new Error(`no table after "${heading}"`);
    const rows = table[0].trimEnd().split("\n").slice(2);
    return rows.map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }

  /** Field name to byte offset. */
  fields(heading: string): Record<string, number> {
    const rows = this.tableAfter(heading);
    return Object.fromEntries(rows.map(([byte, , field]) => [field, Number(byte)]));
  }
}
