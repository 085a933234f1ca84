/**
 * Remembers in a file which accounts' orders are to be cancelled when a connection ends or a dead man's switch goes off. A
 * crash of the process ends all connections at once; the next start then does these cancels.
 *
 * ```
 *   arm    ─► memory, and a line "+<cause> <account> <user>" at the end of the file
 *   disarm ─► memory, and a line "-<cause> <account>" when no other connection or switch has it armed
 *   open   ◄─ the file's lines: what is armed is carried out (`AutomaticCancels.carryOutLeft`)
 * ```
 *
 * Lines are written but not flushed, so a loss of power may take those of the last seconds.
 */
import { CancelCause } from "../core/command.ts";
import { LineFile } from "../host/line-file.ts";
import type { Log } from "../lib/log.ts";

/** The file in the data directory. */
export const ARMED_CANCELS_FILE = "armed-cancels";

const CAUSES = `[${CancelCause.DISCONNECT}${CancelCause.DEAD_MANS_SWITCH}]`;
const LINE = new RegExp(`^(?:\\+(${CAUSES}) (\\d+) (\\d+)|-(${CAUSES}) (\\d+))$`);

export type ArmedCause = typeof CancelCause.DISCONNECT | typeof CancelCause.DEAD_MANS_SWITCH;

export interface ArmedCancel {
  readonly cause: ArmedCause;
  readonly account: number;
  /** Number of the user who asked for it. */
  readonly user: number;
}

interface Entry extends ArmedCancel {
  /** How many connections or switches have it armed. */
  count: number;
}

export interface ArmedCancelsParts {
  path: string;
  log: Pick<Log, "warn">;
}

export class ArmedCancels {
  readonly #entries = new Map<string, Entry>();
  readonly #file: LineFile;

  private constructor({ path, log }: ArmedCancelsParts) {
    // If the disk is full, lines are missing from the file only for a crash.
    const all = (): string[] =>
      this.all().map(({ cause, account, user }) => armedLine(cause, account, user));
    this.#file = new LineFile({ path, log, warning: "cancels for a crash not kept", all });
  }

  /** Reads the file and writes it anew. Throws what the file system says when one of these fails. */
  static open(parts: ArmedCancelsParts): ArmedCancels {
    const armed = new ArmedCancels(parts);
    for (const line of armed.#file.read(LINE).lines) armed.#readLine(line);
    armed.#file.rewrite();
    return armed;
  }

  #readLine(line: RegExpExecArray): void {
    const [cause, account, user, takenBack, of] = line.slice(1).map(Number);
    if (line[1] === undefined) return void this.#entries.delete(keyOf(takenBack as ArmedCause, of));
    const entry = { cause: cause as ArmedCause, account, user, count: 1 };
    this.#entries.set(keyOf(entry.cause, account), entry);
  }

  /** Everything that is armed, each account once for each cause. */
  all(): ArmedCancel[] {
    return [...this.#entries.values()];
  }

  /** Arms a cancel. Each call needs its own `disarm`. */
  arm(cause: ArmedCause, account: number, user: number): void {
    const key = keyOf(cause, account);
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      entry.count++;
      return;
    }
    this.#entries.set(key, { cause, account, user, count: 1 });
    this.#file.append(armedLine(cause, account, user));
  }

  /** Undoes one `arm`, because it is not wanted any more or the orders are cancelled. */
  disarm(cause: ArmedCause, account: number): void {
    const key = keyOf(cause, account);
    const entry = this.#entries.get(key);
    if (entry === undefined || --entry.count > 0) return;
    this.#entries.delete(key);
    this.#file.append(`-${cause} ${account}`);
  }

  close(): void {
    this.#file.close();
  }
}

function keyOf(cause: ArmedCause, account: number): string {
  return `${cause} ${account}`;
}

function armedLine(cause: ArmedCause, account: number, user: number): string {
  return `+${cause} ${account} ${user}`;
}
