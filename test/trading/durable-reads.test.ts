import { expect, test } from "bun:test";
import { Callers } from "../../src/trading/caller.ts";
import { DurableReads } from "../../src/trading/durable-reads.ts";
import { UserLimitsTable } from "../../src/trading/user-limits.ts";
import { turn } from "../lib/until.ts";

test("long reads of one turn are spread over several turns, also if the clock of the turn stands still", async () => {
  let time = 0;
  const reads = new DurableReads({
    loop: {
      isAhead: false,
      read(run) {
        run();
        return true;
      },
    },
    monotonic: () => 0,
    stopwatch: () => time,
    onBug(error) {
      throw error;
    },
  });
  const limits = new UserLimitsTable({
    ...{ orders_per_second: 1, market_data_per_second: 100, burst_limit: 1 },
  });
  const caller = new Callers({ limits, anonymousMarketData: true, monotonic: () => 0 }).anonymous(
    "192.0.2.1",
  );
  const answered: number[] = [];
  const ask = (n: number): void =>
    reads.run(
      caller,
      { access: "market_data", source: "core" },
      1,
      () => ({ result: n }),
      () => {
        answered.push(n);
        // To make the answer takes its time as well.
        time += 3;
      },
    );
  for (let n = 1; n <= 5; n++) ask(n);
  expect(answered).toEqual([1, 2]);
  await turn();
  expect(answered).toEqual([1, 2, 3, 4]);
  await turn();
  expect(answered).toEqual([1, 2, 3, 4, 5]);
});
