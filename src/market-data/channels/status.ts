/** `status`: what may be done with a symbol, when that changes. */
import { SymbolState } from "../../core/command.ts";
import { EventKind } from "../../core/event.ts";
import type { TickOutput } from "../../core/tick-output.ts";
import type { CoreView } from "../../core/view.ts";
import type { Encoding } from "../../protocol/encoding.ts";
import { pushFrame } from "../../protocol/envelope.ts";
import { symbolName } from "../../protocol/names.ts";
import { stateName } from "../../protocol/schemas/market-data.ts";
import { type PushData, pushes } from "../../protocol/schemas.ts";
import type { MarketClock } from "../market-clock.ts";
import type { TickChanges } from "../tick-changes.ts";
import { type Frame, type Publish, Topics } from "../topics.ts";
import type { MarketChannel, Send } from "./channel.ts";

export class StatusChannel implements MarketChannel {
  readonly #topics: Topics;
  readonly #view: CoreView;
  readonly #clock: MarketClock;

  constructor(view: CoreView, clock: MarketClock, publish: Publish) {
    this.#topics = new Topics(publish, "status", view.symbolsMax);
    this.#view = view;
    this.#clock = clock;
  }

  topics(): Topics {
    return this.#topics;
  }

  onTick({ events }: TickOutput, changes: TickChanges): void {
    if (!changes.hasStates || this.#topics.isSilent) return;
    const end = events.end();
    for (let e = 0; e < end; e = events.next(e)) {
      if (events.kind(e) !== EventKind.SYMBOL) continue;
      const symbol = events.stateSymbol(e);
      const data = this.#data(symbol, events.state(e));
      this.#topics.publish(symbol, (encoding) => encode(encoding, data));
    }
  }

  current(symbol: number, _interval: number, encoding: Encoding, send: Send): void {
    const state = this.#view.symbolState(symbol);
    if (state !== SymbolState.UNLISTED) send(encode(encoding, this.#data(symbol, state)));
  }

  #data(symbol: number, state: number): PushData<"status"> {
    const { tick, timestamp } = this.#clock;
    return {
      event: "symbol",
      symbol: symbolName(symbol),
      state: stateName(state),
      timestamp,
      tick,
    };
  }
}

function encode(encoding: Encoding, data: PushData<"status">): Frame {
  const { stream } = pushes.status;
  return pushFrame(encoding, stream, data);
}
