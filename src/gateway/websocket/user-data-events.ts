/** Encodes events of the accounts' streams, both new ones and those that are sent again. */
import type { Encoding } from "../../protocol/encoding.ts";
import { balanceEvent, positionEvent } from "../../protocol/holding-encoder.ts";
import { MessagePackWriter } from "../../protocol/message-pack-writer.ts";
import { orderEvent } from "../../protocol/order-encoder.ts";
import { Fill, OrderState } from "../../protocol/order-state.ts";
import type { AccountStreams } from "../../records/account-streams.ts";
import { StreamKind } from "../../records/stream-event.ts";

export class UserDataEvents {
  readonly #streams: AccountStreams;
  readonly #writer = new MessagePackWriter();
  readonly #state = new OrderState();
  readonly #fill = new Fill();

  constructor(streams: AccountStreams) {
    this.#streams = streams;
  }

  /** Encodes the event `seq` of the account, which is at `at` in the streams. Bytes are valid until the next call. */
  encode(account: number, seq: number, at: number, encoding: Encoding): string | Uint8Array {
    const streams = this.#streams;
    const kind = streams.kind(at);
    if (kind === StreamKind.ORDER) {
      const fill = streams.readOrder(this.#state, this.#fill, at) ? this.#fill : null;
      return orderEvent.encode(encoding, this.#writer, seq, this.#state, fill);
    }
    const available = streams.available(at);
    const reserved = streams.reserved(at);
    const time = streams.timestamp;
    const tick = streams.tick;
    const writer = this.#writer;
    if (kind === StreamKind.BALANCE) {
      return balanceEvent.encode(encoding, writer, seq, account, available, reserved, time, tick);
    }
    const symbol = streams.symbol(at);
    return positionEvent.encode(
      encoding,
      writer,
      seq,
      account,
      symbol,
      available,
      reserved,
      time,
      tick,
    );
  }
}
