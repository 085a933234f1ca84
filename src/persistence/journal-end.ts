/**
 * Up to where the journal was when an exchange last started or stopped on this data directory, or in the last minute of one
 * that was killed. A journal that ends before that has lost its end, or is an older copy. Nothing in it shows that, and users
 * of later may be among the others.
 */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { replaceFile } from "../host/replace-file.ts";
import { Serial } from "../lib/serial.ts";

export const JOURNAL_END_FILE = "journal-end.json";

/** How often a running exchange notes it: a minute of a killed one's is not seen, and the disk has two flushes more. */
export const NOTED_EVERY_MS = 60_000;

const fileSchema = v.object({ exchange: v.string(), tick: v.pipe(v.number(), v.safeInteger()) });

export interface JournalEndOptions {
  path: string;
  /** Of the exchange whose journal it is. */
  exchange: string;
  /** Called when the file cannot be written, which keeps nobody from trading. */
  onFault(error: unknown): void;
}

export class JournalEnd {
  readonly #options: JournalEndOptions;
  readonly #writes = new Serial();
  /** As the file had it at the start. */
  readonly #noted: number;
  #last = -1;

  /** Reads the file; one that is missing, of another exchange or no such file says nothing. */
  constructor(options: JournalEndOptions) {
    this.#options = options;
    this.#noted = notedTick(options);
  }

  /** What is wrong with a journal whose last tick this is; null: nothing. */
  shortfall(lastTick: number): string | null {
    if (lastTick >= this.#noted) return null;
    return (
      `the journal ends with tick ${lastTick}, and had tick ${this.#noted} when an exchange last ran here: ` +
      "it is an older copy, or has lost its end"
    );
  }

  /** Notes that the journal goes up to this tick. Never rejects. */
  note(tick: number): Promise<void> {
    const { path, exchange, onFault } = this.#options;
    return this.#writes.run(async () => {
      if (tick === this.#last) return;
      try {
        await replaceFile(path, `${JSON.stringify({ exchange, tick })}\n`);
        this.#last = tick;
      } catch (error) {
        onFault(error);
      }
    });
  }

  /** Notes it from time to time, until disposed of. `durableTick`: the last that is on disk; it rejects where nobody knows. */
  keepNoting(durableTick: () => Promise<number>): Disposable {
    const note = (): Promise<void> =>
      durableTick().then(
        (tick) => this.note(tick),
        () => undefined,
      );
    const timer = setInterval(() => void note(), NOTED_EVERY_MS);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }
}

function notedTick({ path, exchange }: JournalEndOptions): number {
  try {
    const kept = v.parse(fileSchema, JSON.parse(readFileSync(path, "utf8")));
    return kept.exchange === exchange ? kept.tick : 0;
  } catch {
    return 0;
  }
}
