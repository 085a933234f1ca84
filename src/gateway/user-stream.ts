/** The `user_data` stream: what happens to an account, to whoever of its user listens. */
import type { Core } from "../core/core.ts";
import {
  E_HEAD,
  E_MAKER_FEE_F64,
  E_TAKER_FEE_F64,
  E_TRADE_ID_F64,
  E_TRADE_PRICE,
  E_TRADE_QUANTITY,
  EventKind,
} from "../core/event.ts";
import { ACCOUNTS_MAX } from "../core/ledger/accounts.ts";
import { CLOCK_TIMESTAMP } from "../core/parts.ts";
import type { AccountListener } from "../execution/account-events.ts";
import { readEventOrder, readMaker, readTaker } from "../execution/order-state-reader.ts";
import type { Publish } from "../market-data/topics.ts";
import { ENCODINGS, type Encoding } from "../protocol/encoding.ts";
import {
  jsonBalance,
  jsonPosition,
  writeBalance,
  writePosition,
} from "../protocol/holding-encoder.ts";
import { MessagePackWriter } from "../protocol/message-pack-writer.ts";
import { jsonUserOrder, writeUserOrder } from "../protocol/order-encoder.ts";
import { Fill, OrderState } from "../protocol/order-state.ts";
import type { Session } from "./session.ts";

const MAKER = 0;
const TAKER = 1;

const topicOf = (account: number, encoding: Encoding): string => `user/${account}/${encoding}`;

export class UserStream implements AccountListener {
  readonly #core: Core;
  readonly #writer = new MessagePackWriter();
  readonly #state = new OrderState();
  readonly #fill = new Fill();
  /** Listening sessions by account, one column an encoding. */
  readonly #listeners = new Int32Array(ACCOUNTS_MAX * ENCODINGS.length);
  #publish: Publish = () => undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  connect(publish: Publish): void {
    this.#publish = publish;
  }

  /** The session listens to all accounts of its user from now on. */
  join(session: Session): void {
    for (const account of session.login?.user.accounts ?? []) {
      session.socket?.subscribe(topicOf(account, session.encoding));
      this.#listeners[this.#index(account, session.encoding)]++;
      session.listening.push(account);
    }
  }

  leave(session: Session): void {
    for (const account of session.listening) {
      session.socket?.unsubscribe(topicOf(account, session.encoding));
      this.#listeners[this.#index(account, session.encoding)]--;
    }
    session.listening.length = 0;
  }

  order(account: number, seq: number, e: number): void {
    if (!this.#isHeard(account)) return;
    const core = this.#core;
    const timestamp = core.clock[CLOCK_TIMESTAMP];
    const isTrade = (core.events.ints[e + E_HEAD] & 255) === EventKind.TRADE;
    if (isTrade) {
      readTaker(this.#state, core, e, timestamp, core.tick());
      this.#readFill(e, TAKER);
    } else {
      readEventOrder(this.#state, core, e, timestamp, core.tick());
    }
    this.#sendOrder(account, seq, isTrade);
  }

  maker(account: number, seq: number, e: number): void {
    if (!this.#isHeard(account)) return;
    const core = this.#core;
    readMaker(this.#state, core, e, core.clock[CLOCK_TIMESTAMP], core.tick());
    this.#readFill(e, MAKER);
    this.#sendOrder(account, seq, true);
  }

  balance(account: number, seq: number, available: number, reserved: number): void {
    const at = this.#core.clock[CLOCK_TIMESTAMP];
    const tick = this.#core.tick();
    this.#send(account, (encoding) =>
      encoding === "json"
        ? jsonBalance(seq, account, available, reserved, at, tick)
        : writeBalance(this.#writer, seq, account, available, reserved, at, tick),
    );
  }

  position(
    account: number,
    seq: number,
    symbol: number,
    available: number,
    reserved: number,
  ): void {
    const at = this.#core.clock[CLOCK_TIMESTAMP];
    const tick = this.#core.tick();
    this.#send(account, (encoding) =>
      encoding === "json"
        ? jsonPosition(seq, account, symbol, available, reserved, at, tick)
        : writePosition(this.#writer, seq, account, symbol, available, reserved, at, tick),
    );
  }

  #readFill(e: number, liquidity: number): void {
    const { ints: E, doubles: D } = this.#core.events;
    const fill = this.#fill;
    fill.price = E[e + E_TRADE_PRICE];
    fill.quantity = E[e + E_TRADE_QUANTITY];
    fill.tradeId = D[(e >> 1) + E_TRADE_ID_F64];
    fill.liquidity = liquidity;
    fill.fee = D[(e >> 1) + (liquidity === MAKER ? E_MAKER_FEE_F64 : E_TAKER_FEE_F64)];
  }

  #sendOrder(account: number, seq: number, withFill: boolean): void {
    const fill = withFill ? this.#fill : null;
    this.#send(account, (encoding) =>
      encoding === "json"
        ? jsonUserOrder(seq, this.#state, fill)
        : writeUserOrder(this.#writer, seq, this.#state, fill),
    );
  }

  #send(account: number, encode: (encoding: Encoding) => string | Uint8Array): void {
    for (const encoding of ENCODINGS) {
      if (this.#listeners[this.#index(account, encoding)] === 0) continue;
      this.#publish(topicOf(account, encoding), encode(encoding));
    }
  }

  #isHeard(account: number): boolean {
    const i = account * ENCODINGS.length;
    return this.#listeners[i] !== 0 || this.#listeners[i + 1] !== 0;
  }

  #index(account: number, encoding: Encoding): number {
    return account * ENCODINGS.length + ENCODINGS.indexOf(encoding);
  }
}
