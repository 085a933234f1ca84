/** Counts the answers and the closed connections of one process. */
import { Opcode } from "../load/client-frames.ts";

/** The code of an answer is searched in this many bytes. */
const HEAD_BYTES = 160;
/** The answer to a batch is searched for the codes of its orders if it is not longer than this. */
const BATCH_BYTES_MAX = 64 * 1024;

export class Tally {
  readonly answers: Record<string, number> = {};
  readonly closes: Record<string, number> = {};

  answer(kind: string, times = 1): void {
    this.answers[kind] = (this.answers[kind] ?? 0) + times;
  }

  close(how: string): void {
    this.closes[how] = (this.closes[how] ?? 0) + 1;
  }

  /**
   * Counts an answer by its first bytes, because parsing it would cost the attacker more than writing it costs the
   * server. In the answer to a batch, every order counts. Pushes are not counted.
   */
  frame(opcode: number, payload: Buffer): void {
    const head = payload.toString("latin1", 0, Math.min(payload.length, HEAD_BYTES));
    if (head.includes('"stream"') || head.includes("\xa6stream")) return;
    if (head.includes('"results"') && payload.length <= BATCH_BYTES_MAX) this.#batch(payload);
    else this.answer(opcode === Opcode.TEXT ? codeIn(head) : binaryCodeIn(head));
  }

  #batch(payload: Buffer): void {
    const text = payload.toString("latin1");
    let errors = 0;
    for (const [, code = ""] of text.matchAll(/"code":(\d{5})/g)) {
      this.answer(code);
      errors += 1;
    }
    const results = text.match(/[[,]\{"result":/g)?.length ?? 0;
    if (results > 0 || errors === 0) this.answer("ok", Math.max(1, results));
  }
}

function codeIn(head: string): string {
  return /"error":\{"code":(\d{5})/.exec(head)?.[1] ?? "ok";
}

/** Reads MessagePack: the strings "error" and "code", then the code as 0xcd and 16 bits. */
function binaryCodeIn(head: string): string {
  const at = head.indexOf("\xa4code\xcd");
  if (at < 0 || !head.includes("\xa5error")) return "ok";
  return String((head.charCodeAt(at + 6) << 8) | head.charCodeAt(at + 7));
}

/** "42902 × 17, ok × 3", the most frequent first. */
export function tallyText(counts: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(counts).sort(([, left], [, right]) => right - left);
  return sorted.map(([kind, count]) => `${kind} × ${count}`).join(", ");
}
