/** Everything that can be read of a tick's events, one line for each event, for comparisons. */
import { EventKind, type Events } from "../../src/core/event.ts";

export function eventLines(events: Events): string[] {
  const lines: string[] = [];
  for (let e = 0; e < events.end(); e = events.next(e)) {
    const head = [
      events.kind(e),
      events.flags(e),
      events.status(e),
      events.reason(e),
      events.command(e),
    ];
    lines.push([...head, ...contents(events, e)].join(" "));
  }
  return lines;
}

function contents(events: Events, e: number): (number | string)[] {
  switch (events.kind(e)) {
    case EventKind.ORDER:
      return order(events, e, events.order(e));
    case EventKind.TRADE:
      return [
        ...order(events, e, events.order(e)),
        ...order(events, e, events.maker(e)),
        events.tradeId(e),
        events.tradePrice(e),
        events.tradeQuantity(e),
        events.fee(e, events.order(e)),
        events.fee(e, events.maker(e)),
      ];
    case EventKind.REJECT:
      return [
        events.rejectAccount(e),
        events.code(e),
        events.detail(e),
        events.rejectOrder(e),
        events.firstDetail(e),
        events.secondDetail(e),
      ];
    case EventKind.DONE:
      return [events.doneAccount(e), events.doneSymbol(e), events.count(e), events.amount(e)];
    case EventKind.SYMBOL:
      return [events.stateSymbol(e), events.state(e)];
    case EventKind.LEVEL:
      return [
        events.levelSymbol(e),
        events.levelSide(e),
        events.levelPrice(e),
        events.levelTotal(e),
      ];
    case EventKind.CASH:
      return [events.holdingAccount(e), events.available(e), events.reserved(e)];
    case EventKind.POSITION:
      return [
        events.holdingAccount(e),
        events.holdingSymbol(e),
        events.holdingPosition(e),
        events.available(e),
        events.reserved(e),
      ];
    default:
      throw new Error(`there is no event of kind ${events.kind(e)}`);
  }
}

function order(events: Events, e: number, o: number): (number | string)[] {
  return [
    events.orderNumber(o),
    events.account(o),
    events.symbol(o),
    events.side(o),
    events.price(o),
    events.quantity(o),
    events.remaining(o),
    events.orderFlags(o),
    events.notional(o),
    events.createdAt(o),
    events.stopPrice(e, o),
    events.expireAt(e, o),
    events.clientId(o),
    events.position(o),
    events.clientOrderId(e, o),
  ];
}
