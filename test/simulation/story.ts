/** The last things that happened in a simulation. They are printed when it fails. */

const LINES_MAX = 60;

type Line = readonly (string | number)[];

export class Story {
  /** How many lines were told so far. */
  length = 0;
  readonly #lines: Line[] = [];

  /** Adds a line. Its words are joined only when somebody reads it. */
  tell(...line: Line): void {
    this.#lines[this.length % LINES_MAX] = line;
    this.length++;
  }

  /** The last lines, the newest at the end. */
  read(): string {
    const first = Math.max(0, this.length - LINES_MAX);
    const lines: string[] = first > 0 ? [`… ${first} before`] : [];
    for (let i = first; i < this.length; i++) {
      lines.push(`${i + 1}. ${this.#lines[i % LINES_MAX]?.join(" ")}`);
    }
    return lines.join("\n");
  }
}
