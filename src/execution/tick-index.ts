/** Where the events of a tick stand that many stages look for, found in one pass for all of them. */
import { EventKind, type Events } from "../core/event.ts";
import { EventPlaces } from "../core/tick-output.ts";

export class TickIndex {
  /** By command of the tick: the place of the event that answers it. */
  replies = new Int32Array(1024);
  readonly trades = new EventPlaces();
  readonly levels = new EventPlaces();
  hasDone = false;
  holdings = 0;

  /** Takes in the events of a tick of so many commands; how many of these are answered. */
  read(events: Events, count: number): number {
    if (this.replies.length < count) this.replies = new Int32Array(count * 2);
    const { replies, trades, levels } = this;
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
