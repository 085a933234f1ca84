/**
 * The events of the tick in progress, in the order in which they happened (`event-layout.ts`).
 *
 * One block of memory for the largest possible tick. A fill or a prevented self-trade ends a resting order or ends the
 * command, and a command adds at most two events of its own. Each of these may change two levels, two accounts and two
 * positions. The memory is only reserved: a tick uses as much as it writes.
 */
import { C_TEXT_INTS, ORDER_SLOT_COUNT } from "./command.ts";
import {
  CASH_EVENT_INTS,
  CHANGED_INTS,
  LEVEL_EVENT_INTS,
  ORDER_EVENT_INTS,
  POSITION_EVENT_INTS,
  TERMS_INTS,
  TRADE_EVENT_INTS,
} from "./event-layout.ts";

const COMMANDS_PER_TICK_MAX = 1 << 19;
const CHANGES_INTS = 2 * (LEVEL_EVENT_INTS + CASH_EVENT_INTS + POSITION_EVENT_INTS);
const EXTRA_INTS = TERMS_INTS + C_TEXT_INTS + CHANGED_INTS;
const FILL_INTS = TRADE_EVENT_INTS + 2 * EXTRA_INTS + CHANGES_INTS;
const COMMAND_INTS = 2 * (ORDER_EVENT_INTS + EXTRA_INTS) + CHANGES_INTS;
const EVENTS_INTS_MAX =
  (ORDER_SLOT_COUNT + COMMANDS_PER_TICK_MAX) * FILL_INTS + COMMANDS_PER_TICK_MAX * COMMAND_INTS;

export type EventBuffer = ReturnType<typeof createEventBuffer>;

export function createEventBuffer() {
  const buffer = new ArrayBuffer(EVENTS_INTS_MAX * 4);
  /** [0] words written, [1] index in the tick of the command being applied. */
  const head = new Int32Array(2);
  return {
    ints: new Int32Array(buffer),
    doubles: new Float64Array(buffer),
    head,
    reset(): void {
      head[0] = 0;
      head[1] = 0;
    },
  };
}
