/** Lists that the exchange gives page by page, newest first. */
import { signal } from "@preact/signals";

export interface PageOf<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins; undefined: there is none. */
  readonly next: number | undefined;
}

/** Rows that are asked for at most when all are wanted. */
const ALL_MAX = 100_000;

export class Paged<Row> {
  readonly rows = signal<readonly Row[]>([]);
  readonly hasMore = signal(false);
  readonly isLoading = signal(false);
  readonly fault = signal<unknown>(null);
  readonly #ask: (before: number | undefined, limit: number) => Promise<PageOf<Row>>;
  #next: number | undefined;

  constructor(ask: (before: number | undefined, limit: number) => Promise<PageOf<Row>>) {
    this.#ask = ask;
  }

  /** The newest page, in place of what was there. */
  async load(): Promise<void> {
    await this.#take(undefined, () => []);
  }

  /** One page more. */
  async loadMore(): Promise<void> {
    if (this.#next !== undefined) await this.#take(this.#next, () => this.rows.peek());
  }

  /** Every row there is, asked for anew. */
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

  async #take(before: number | undefined, rowsBefore: () => readonly Row[]): Promise<void> {
    if (this.isLoading.peek()) return;
    this.isLoading.value = true;
    try {
      const page = await this.#ask(before, 50);
      this.rows.value = [...rowsBefore(), ...page.rows];
      this.#next = page.next;
      this.hasMore.value = page.next !== undefined;
      this.fault.value = null;
    } catch (error) {
      this.fault.value = error;
    } finally {
      this.isLoading.value = false;
    }
  }
}
