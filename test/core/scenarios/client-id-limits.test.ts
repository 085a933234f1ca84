/** Which client order ids of done orders are forgotten: here an account may have two, and all together three. */
import {
  buy,
  type Command,
  cancel,
  cancelAll,
  sell,
  setRules,
  setShares,
} from "../command-builder.ts";
import { createTestCore } from "../test-core.ts";
import { ALICE, BOB, CAROL, SCENARIO_SYMBOLS, scenariosOn } from "./scenario.ts";

const core = createTestCore(SCENARIO_SYMBOLS, { clientIds: { recentMax: 3, perAccountMax: 2 } });
const scenario = scenariosOn(core, { recentClientIdsMax: 3, accountClientIdsMax: 2 });

/** An order that finds nothing to trade with, and is done at once. */
const done = (account: number, clientId: string): Command =>
  buy({ account, price: 100, quantity: 1, timeInForce: "IOC", clientId });
const rests = (clientId: string): Command =>
  buy({ account: ALICE, price: 100, quantity: 1, clientId });

scenario("an account's oldest goes when it has more of its own than it may", {
  given: [done(ALICE, "a"), done(ALICE, "b"), done(ALICE, "c")],
  when: [done(ALICE, "b"), done(ALICE, "c"), done(ALICE, "a")],
  events: [
    "order 2 of Alice again, which is done",
    "order 3 of Alice again, which is done",
    'order 4 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 1 @ 100 IOC "a", 1 left',
  ],
});

scenario("however many one account gives, another's stay", {
  given: [done(BOB, "a"), ...["a", "b", "c", "d", "e"].map((id) => done(ALICE, id))],
  when: [done(BOB, "a"), done(ALICE, "d"), done(ALICE, "e"), done(ALICE, "c")],
  events: [
    "order 1 of Bob again, which is done",
    "order 5 of Alice again, which is done",
    "order 6 of Alice again, which is done",
    'order 7 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 1 @ 100 IOC "c", 1 left',
  ],
});

scenario("the oldest of all goes when together they have more than there may be", {
  given: [done(ALICE, "a"), done(BOB, "a"), done(CAROL, "a"), done(CAROL, "b")],
  when: [done(BOB, "a"), done(CAROL, "a"), done(CAROL, "b"), done(ALICE, "a")],
  events: [
    "order 2 of Bob again, which is done",
    "order 3 of Carol again, which is done",
    "order 4 of Carol again, which is done",
    'order 5 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 1 @ 100 IOC "a", 1 left',
  ],
});

scenario("from version 1 of the rules the oldest of an account that has most", {
  given: [
    setRules({}),
    setShares({ orders: 9, pages: 9, positions: 9, clientIds: 3 }),
    done(ALICE, "a"),
    done(BOB, "a"),
    done(BOB, "b"),
    done(CAROL, "a"),
  ],
  when: [done(ALICE, "a"), done(BOB, "b"), done(CAROL, "a"), done(BOB, "a")],
  events: [
    "order 1 of Alice again, which is done",
    "order 3 of Bob again, which is done",
    "order 4 of Carol again, which is done",
    'order 5 EXPIRED TIME_IN_FORCE (reply news): Bob BUY 1 @ 100 IOC "a", 1 left',
  ],
});

scenario("a share that is lowered is reached by and by, two for each that comes", {
  given: [
    setRules({}),
    setShares({ account: ALICE, clientIds: 3 }),
    ...["a", "b", "c"].map((id) => done(ALICE, id)),
    setShares({ account: ALICE, clientIds: 1 }),
    done(ALICE, "d"),
  ],
  when: [done(ALICE, "c"), done(ALICE, "d"), done(ALICE, "b"), done(ALICE, "b")],
  events: [
    "order 3 of Alice again, which is done",
    "order 4 of Alice again, which is done",
    'order 5 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 1 @ 100 IOC "b", 1 left',
    "order 5 of Alice again, which is done",
  ],
});

scenario("an open order's id is never forgotten, nor counted", {
  given: [rests("open"), rests("open too"), done(ALICE, "a"), done(ALICE, "b"), done(ALICE, "c")],
  when: [rests("open"), done(ALICE, "b"), done(ALICE, "c")],
  events: [
    'order 1 ACCEPTED (reply duplicate open): Alice BUY 1 @ 100 "open", 1 left',
    "order 4 of Alice again, which is done",
    "order 5 of Alice again, which is done",
  ],
});

const early = rests("early");
scenario("the oldest is the one that has been done longest, not the one that came first", {
  given: [early, done(ALICE, "a"), done(ALICE, "b"), cancel({ account: ALICE, of: early })],
  when: [early, done(ALICE, "b"), done(ALICE, "a")],
  events: [
    "order 1 of Alice again, which is done",
    "order 3 of Alice again, which is done",
    'order 4 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 1 @ 100 IOC "a", 1 left',
  ],
});

scenario("what one command ends is done one after the other", {
  given: [
    rests("a"),
    rests("b"),
    rests("c"),
    sell({ account: BOB, price: 100, quantity: 1 }),
    rests("d"),
    cancelAll({ account: ALICE }),
  ],
  when: [rests("b"), rests("c"), done(ALICE, "a"), done(ALICE, "d")],
  events: [
    "order 2 of Alice again, which is done",
    "order 3 of Alice again, which is done",
    'order 6 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 1 @ 100 IOC "a", 1 left',
    'order 7 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 1 @ 100 IOC "d", 1 left',
  ],
});

scenario("an order that never came to be leaves no id, and makes none be forgotten", {
  given: [
    done(BOB, "a"),
    done(ALICE, "a"),
    done(ALICE, "b"),
    sell({ account: ALICE, price: 100, quantity: 1 }),
  ],
  when: [
    buy({ account: ALICE, price: 100, quantity: 2, selfTrade: "CANCEL_BOTH", clientId: "c" }),
    done(BOB, "a"),
    done(ALICE, "a"),
    rests("c"),
  ],
  events: [
    "order 4 CANCELLED SELF_TRADE (news): Alice SELL 1 @ 100, 1 left",
    "refused: SELF_TRADE",
    "order 1 of Bob again, which is done",
    "order 2 of Alice again, which is done",
    'order 5 ACCEPTED (reply news open): Alice BUY 1 @ 100 "c", 1 left',
  ],
});
