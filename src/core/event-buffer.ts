/**
 * The events of the tick in progress, in the order in which they happened (`event.ts` has the layout).
 *
 * One block of memory for the largest tick there can be: a fill or a prevented self-trade either ends a
 * resting order or ends the command, and a command adds at most two events of its own. The memory is
 * reserved only; a tick touches what it uses.
 */
import { ORDER_SLOT_COUNT } from "./command.ts";
import { EVENT_INTS, TRADE_INTS } from "./event.ts";

const COMMANDS_PER_TICK_MAX = 1 << 20;
const EVENTS_INTS_MAX =
  (ORDER_SLOT_COUNT + COMMANDS_PER_TICK_MAX * 2) * TRADE_INTS +
  COMMANDS_PER_TICK_MAX * 2 * EVENT_INTS;

export type EventBuffer = ReturnType<typeof createEventBuffer>;

export function createEventBuffer() {
  const buffer = new ArrayBuffer(EVENTS_INTS_MAX * 4);
  /** [0] words written, [1] index in the tick of the command being applied. */
  const head = new Int32Array(2);
  return {
    ints: new Int32Array(buffer),
    doubles: new Float64Array(buffer),
    bytes: new Uint8Array(buffer),
    head,
    /** 32-bit words written: where the last event ends. */
    end: () => head[0],
    reset(): void {
      head[0] = 0;
      head[1] = 0;
    },
  };
}
