/** Lists that the exchange gives page by page, newest first. */

import { signal } from "@preact/signals";
import { answered } from "@waiver/client";

export interface PageOf<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins; undefined when there is none. */
  readonly next: number | undefined;
}

const PAGE = 50;
/** The most rows that `all` asks for. */
const ALL_MAX = 100_000;

export class Paged<Row> {
  readonly rows = signal<readonly Row[]>([]);
  readonly hasMore = signal(false);
  readonly isLoading = signal(false);
  readonly fault = signal<unknown>(null);
  readonly #ask: (before: number | undefined, limit: number) => Promise<PageOf<Row>>;
  readonly #keyOf: (row: Row) => string;
  #next: number | undefined;
  /** The page on its way may lack new rows. */
  #isOutdated = false;
  #isClosed = false;

  /** `ask` is called again while it rejects with a temporary refusal, such as a limit a second. */
  constructor(
    ask: (before: number | undefined, limit: number) => Promise<PageOf<Row>>,
    keyOf: (row: Row) => string,
  ) {
    this.#ask = (before, limit) =>
      answered(
        () => ask(before, limit),
        () => !this.#isClosed,
      );
    this.#keyOf = keyOf;
  }

  /** Reads the newest page. Older rows that were read before stay if they follow it without a gap. */
  async load(): Promise<void> {
    if (this.isLoading.peek()) this.#isOutdated = true;
    else await this.#take(undefined);
  }

  /** Reads one more page. */
  async loadMore(): Promise<void> {
    if (this.#next !== undefined && !this.isLoading.peek()) await this.#take(this.#next);
  }

  /** All rows, asked for anew; `ALL_MAX` at most. */
  async all(): Promise<Row[]> {
    const rows: Row[] = [];
    let before: number | undefined;
    do {
      const page = await this.#ask(before, 1000);
      rows.push(...page.rows);
      before = page.next;
    } while (before !== undefined && rows.length < ALL_MAX);
    return rows;
  }

  /** Called when the list is not shown any more. */
  close(): void {
    this.#isClosed = true;
  }

  async #take(before: number | undefined): Promise<void> {
    this.isLoading.value = true;
    try {
      const page = await this.#ask(before, PAGE);
      if (before === undefined) this.#begin(page);
      else this.#show([...this.rows.peek(), ...page.rows], page.next);
      this.fault.value = null;
    } catch (error) {
      this.fault.value = error;
    } finally {
      this.isLoading.value = false;
    }
    if (!this.#isOutdated) return;
    this.#isOutdated = false;
    await this.#take(undefined);
  }

  #begin({ rows, next }: PageOf<Row>): void {
    const known = this.rows.peek();
    const last = rows.at(-1);
    const isLast = (row: Row): boolean =>
      last !== undefined && this.#keyOf(row) === this.#keyOf(last);
    const at = known.length > PAGE ? known.findIndex(isLast) : -1;
    if (at < 0) this.#show(rows, next);
    else this.#show([...rows, ...known.slice(at + 1)], this.#next);
  }

  #show(rows: readonly Row[], next: number | undefined): void {
    this.rows.value = rows;
    this.#next = next;
    this.hasMore.value = next !== undefined;
  }
}
