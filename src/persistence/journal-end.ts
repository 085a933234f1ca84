/**
 * Notes the journal's last tick in a file: at each start and stop of an exchange on this data directory, and
 * every minute in between. A journal that ends before the noted tick has lost its end, or is an older copy. The
 * journal alone does not show that, and there may be users whose accounts it lacks.
 */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { replaceFile } from "../host/replace-file.ts";
import { Serial } from "../lib/serial.ts";

export const JOURNAL_END_FILE = "journal-end.json";

/**
 * How often a running exchange notes its last tick. Each note costs two flushes of the disk. The loss of what a
 * killed exchange did after its last note is not seen.
 */
export const NOTED_EVERY_MS = 60_000;

const fileSchema = v.object({ exchange: v.string(), tick: v.pipe(v.number(), v.safeInteger()) });

export interface JournalEndOptions {
  path: string;
  /** Id of the exchange whose journal it is. */
  exchange: string;
  /** Called when the file cannot be written. Trading goes on. */
  onFault(error: unknown): void;
}

export class JournalEnd {
  readonly #options: JournalEndOptions;
  readonly #writes = new Serial();
  /** The tick in the file at the start; 0 = none. */
  readonly #noted: number;
  #last = -1;

  /** Reads the file. One that is missing, unreadable or of another exchange counts as none. */
  constructor(options: JournalEndOptions) {
    this.#options = options;
    this.#noted = notedTick(options);
  }

  /** What is wrong with a journal that ends with `lastTick`; null when nothing is. */
  shortfall(lastTick: number): string | null {
    if (lastTick >= this.#noted) return null;
    return (
      `the journal ends with tick ${lastTick}, and had tick ${this.#noted} when an exchange last ran here: ` +
      "it is an older copy, or has lost its end"
    );
  }

  /** Notes that the journal ends with `tick`. Never rejects. */
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

  /**
   * Notes the last tick every `NOTED_EVERY_MS`, until disposed of. `durableTick` gives the last tick on disk;
   * when it rejects, nothing is noted.
   */
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
