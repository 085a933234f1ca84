import { CommandKind } from "../../../src/core/command.ts";
import { amend, buy, record, sell } from "../command-builder.ts";
import { ALICE, BOB, scenario } from "./scenario.ts";

/** What no gateway lets through, and a journal from elsewhere might hold. */
const order = { kind: CommandKind.PLACE, account: ALICE, price: 100, quantity: 1 };

for (const [name, fields] of Object.entries({
  "a third side": { side: 2 },
  "a stop without a stop price": { type: 2, price: 0 },
  "a stop-limit without a stop price": { type: 3 },
  "a stop-limit without a price": { type: 3, price: 0, stopPrice: 100 },
  "a stop below nothing": { type: 2, price: 0, stopPrice: -1 },
  "a fifth type": { type: 4 },
  "a fifth time in force": { timeInForce: 4 },
  "a sixth self-trade mode": { selfTrade: 5 },
  "a flag that is none": { flags: 2 },
  "no quantity": { quantity: 0 },
  "a negative quantity": { quantity: -1 },
  "no price": { price: 0 },
  "a negative price": { price: -100 },
})) {
  scenario(`${name} is refused`, {
    when: record({ ...order, ...fields }),
    events: ["refused: INVALID_PARAMETER ORDER"],
    bids: [],
    asks: [],
  });
}

const bid = buy({ account: ALICE, price: 100, quantity: 5 });
scenario("an amendment to nothing sensible is refused, and the order stays", {
  given: [bid],
  when: [
    amend({ account: ALICE, of: bid, price: -1 }),
    amend({ account: ALICE, of: bid, quantity: -1 }),
    amend({ account: ALICE, of: bid, quantity: -2_147_483_648 }),
  ],
  events: [
    "refused: INVALID_PARAMETER PRICE, order 1",
    "refused: INVALID_PARAMETER QUANTITY, order 1",
    "refused: INVALID_PARAMETER QUANTITY, order 1",
  ],
  bids: ["100 x 5"],
});

scenario("numbers that are no order's are not found", {
  given: [sell({ account: BOB, price: 100, quantity: 5 })],
  when: [-1, -(2 ** 31), 2 ** 31 - 1, 2, 2 ** 21].map((slot) =>
    record({ kind: CommandKind.CANCEL, account: BOB, symbol: -1, slot }),
  ),
  events: [
    "refused: UNKNOWN_ORDER ORDER",
    "refused: UNKNOWN_ORDER ORDER",
    "refused: UNKNOWN_ORDER ORDER",
    "refused: UNKNOWN_ORDER ORDER",
    "refused: UNKNOWN_ORDER ORDER",
  ],
  asks: ["100 x 5"],
});
