/**
 * A tick's output. It finds in one pass the places of events that several stages look for. One object serves all ticks:
 * a new one for each tick would lie in memory that is in no cache.
 */
import { EventKind, type Events } from "../core/event.ts";
import { EventPlaces, type TickOutput } from "../core/tick-output.ts";

export class TickIndex implements TickOutput {
  tick = 0;
  timestamp = 0;
  sequence = 0;
  count = 0;
  readonly events: Events;
  replies = new Int32Array(1024);
  readonly trades = new EventPlaces();
  readonly levels = new EventPlaces();
  hasDone = false;
  holdings = 0;

  constructor(events: Events) {
    this.events = events;
  }

  /** Reads the events of a tick. Returns how many of its commands have a reply. */
  read(tick: number, timestamp: number, firstSequence: number, count: number): number {
    this.tick = tick;
    this.timestamp = timestamp;
    this.sequence = firstSequence + count - 1;
    this.count = count;
    if (this.replies.length < count) this.replies = new Int32Array(count * 2);
    const { events, replies, trades, levels } = this;
    trades.count = 0;
    levels.count = 0;
    const end = events.end();
    let found = 0;
    let hasDone = false;
    let e = 0;
    for (; e < end; e = events.next(e)) {
      const kind = events.kind(e);
      if (kind === EventKind.LEVEL) {
        levels.add(e);
      } else if (kind === EventKind.TRADE) {
        trades.add(e);
      } else if (kind === EventKind.CASH || kind === EventKind.POSITION) {
        break;
      } else if (events.isReply(e)) {
        replies[events.command(e)] = e;
        found++;
        if (kind === EventKind.DONE) hasDone = true;
      }
    }
    this.hasDone = hasDone;
    this.holdings = e;
    return found;
  }
}
