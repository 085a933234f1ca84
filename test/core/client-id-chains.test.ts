/**
 * Client order ids of one chain, and more of them than its counts can hold. Under rules before version 1 such ids can be
 * found; since then their hash has a key.
 */
import { expect, test } from "bun:test";
import { collidingIds } from "../../bench/siege/colliding-ids.ts";
import { seededRandom } from "../../src/demo/random.ts";
import { replyOf } from "../reference/exchange-event.ts";
import { buy, depositCash, listSymbol, openAccount } from "./command-builder.ts";
import { CoreRun } from "./run.ts";
import { createTestCore } from "./test-core.ts";
import { validate } from "./validate.ts";

const ALICE = 1;
const KEPT = 200;

test("ids in one chain are found and forgotten like any others, and new ids are new", () => {
  const core = createTestCore(1, { clientIds: { perAccountMax: KEPT } });
  const run = new CoreRun(core);
  run.setUp(listSymbol({ symbol: 0 }), openAccount({ account: ALICE }));
  run.setUp(depositCash({ account: ALICE, amount: 1_000 }));
  const ids = collidingIds(ALICE, 2 * KEPT, seededRandom(1));
  const [first, second] = [ids.slice(0, KEPT), ids.slice(KEPT)];
  /** Each id twice, in orders that are done at once: of which kinds the answers are. */
  const answers = (clientIds: readonly string[]): Set<string> => {
    const order = { account: ALICE, price: 100, quantity: 1, timeInForce: "IOC" } as const;
    const kindOf = (clientId: string) => replyOf(run.apply(buy({ ...order, clientId }))).event;
    return new Set(clientIds.map((clientId) => `${kindOf(clientId)}, ${kindOf(clientId)}`));
  };
  expect(answers(first)).toEqual(new Set(["ORDER, REPEAT"]));
  expect(answers(first)).toEqual(new Set(["REPEAT, REPEAT"]));
  expect(answers(second)).toEqual(new Set(["ORDER, REPEAT"]));
  expect(answers(first)).toEqual(new Set(["ORDER, REPEAT"]));
  expect(validate(core)).toEqual([]);
});
