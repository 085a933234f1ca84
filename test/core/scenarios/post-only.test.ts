import { amend, buy, sell } from "../command-builder.ts";
import { ALICE, BOB, scenario } from "./scenario.ts";

const offer = sell({ account: BOB, price: 100, quantity: 5 });

scenario("a post-only order that would cross is refused", {
  given: [offer],
  when: buy({ account: ALICE, price: 100, quantity: 5, postOnly: true }),
  events: ["refused: POST_ONLY_WOULD_CROSS"],
  asks: ["100 x 5"],
  bids: [],
});

scenario("a post-only order that does not cross rests", {
  given: [offer],
  when: buy({ account: ALICE, price: 99, quantity: 5, postOnly: true }),
  events: ["order 2 ACCEPTED (reply news open): Alice BUY 5 @ 99 post-only, 5 left"],
  bids: ["99 x 5"],
});

scenario("one's own opposite orders count too, whatever the self-trade mode", {
  given: [sell({ account: ALICE, price: 100, quantity: 5 })],
  when: buy({
    account: ALICE,
    price: 100,
    quantity: 5,
    postOnly: true,
    selfTrade: "CANCEL_OLDEST",
  }),
  events: ["refused: POST_ONLY_WOULD_CROSS"],
  asks: ["100 x 5"],
});

scenario("a post-only order trades as a maker later", {
  given: [buy({ account: ALICE, price: 99, quantity: 5, postOnly: true })],
  when: sell({ account: BOB, price: 99, quantity: 2 }),
  events: [
    "trade 1: 2 @ 99, Bob (order 2, 0 left) sells to Alice (order 1, 3 left)",
    "order 2 FILLED (reply): Bob SELL 2 @ 99, 0 left, filled for 198",
  ],
});

const resting = buy({ account: ALICE, price: 98, quantity: 5, postOnly: true });
scenario("an amendment that would make it cross is refused, and the order stays as it was", {
  given: [offer, resting],
  when: amend({ account: ALICE, of: resting, price: 100 }),
  events: ["refused: POST_ONLY_WOULD_CROSS, order 2"],
  bids: ["98 x 5"],
  asks: ["100 x 5"],
});

scenario("post-only goes with every time in force: whatever does not cross cannot fill either", {
  given: [offer],
  when: [
    buy({ account: ALICE, price: 100, quantity: 5, postOnly: true, timeInForce: "IOC" }),
    buy({ account: ALICE, price: 99, quantity: 5, postOnly: true, timeInForce: "IOC" }),
    buy({ account: ALICE, price: 100, quantity: 5, postOnly: true, timeInForce: "FOK" }),
    buy({ account: ALICE, price: 99, quantity: 5, postOnly: true, timeInForce: "FOK" }),
  ],
  events: [
    "refused: POST_ONLY_WOULD_CROSS",
    "order 2 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 5 @ 99 IOC post-only, 5 left",
    "refused: POST_ONLY_WOULD_CROSS",
    "refused: FILL_OR_KILL",
  ],
  bids: [],
  asks: ["100 x 5"],
});

scenario("a post-only market order is refused, for crossing or for want of liquidity", {
  given: [offer],
  when: [
    buy({ account: ALICE, type: "MARKET", postOnly: true, quantity: 1 }),
    sell({ account: ALICE, type: "MARKET", postOnly: true, quantity: 1 }),
  ],
  events: ["refused: POST_ONLY_WOULD_CROSS", "refused: NO_LIQUIDITY"],
});

scenario("funds are looked at before post-only", {
  given: [offer],
  when: buy({ account: ALICE, price: 100, quantity: 101, postOnly: true }),
  events: ["refused: INSUFFICIENT_FUNDS needs 10100 has 10000"],
});
