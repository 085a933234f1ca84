/** The loop follows a log in which other processes have commands too. */

import { expect, test } from "bun:test";
import { CommandKind } from "../../src/core/command.ts";
import { createCore } from "../../src/core/create.ts";
import type { TickOutput } from "../../src/core/tick-output.ts";
import type { CommandLogFollower } from "../../src/execution/command-log.ts";
import { Control } from "../../src/execution/control.ts";
import { ExecutionManager } from "../../src/execution/execution-manager.ts";
import { createReplay } from "../../src/execution/replay.ts";
import { StateCheck } from "../../src/execution/state-check.ts";
import { TickLoop } from "../../src/execution/tick-loop.ts";
import { Lifecycle } from "../../src/lib/lifecycle.ts";
import { UnavailableError } from "../../src/router/control.ts";
import { InboundRing } from "../../src/router/inbound-ring.ts";
import {
  buy,
  type Command,
  createRecords,
  depositCash,
  listSymbol,
  openAccount,
  writeCommand,
} from "../core/command-builder.ts";
import { Random } from "../core/fuzz/random.ts";
import { turn, until } from "../lib/until.ts";
import { Client } from "./client.ts";
import { eventLines } from "./event-lines.ts";
import { randomRecords } from "./flow.ts";
import { SharedLog } from "./shared-log.ts";
import { tickTimes } from "./tick-metrics.ts";

const core = createCore(8);

/** A process whose commands get their places between those of another one. */
function open() {
  core.reset();
  const clock = { now: 1_000 };
  const ring = new InboundRing(512);
  const ticks: {
    told: Pick<TickOutput, "tick" | "timestamp" | "sequence" | "count">;
    events: string[];
  }[] = [];
  const counted: number[] = [];
  const timed: number[] = [];
  const failures: string[] = [];
  const note = {
    onTick({ events, tick, timestamp, sequence, count }: TickOutput): void {
      ticks.push({ told: { tick, timestamp, sequence, count }, events: eventLines(events) });
    },
  };
  const onBug = (error: unknown): void => {
    throw error;
  };
  let made: SharedLog | undefined;
  const loop = new TickLoop({
    ring,
    manager: new ExecutionManager({ core, beforeReplies: [note], afterReplies: [], onBug }),
    createLog(follower: CommandLogFollower) {
      made = new SharedLog(follower, clock);
      return made;
    },
    times: tickTimes({ ticks: counted, seconds: timed }),
    onFailure: (error) => failures.push(error.message),
    onBug,
  });
  const log = made as SharedLog;
  return {
    ring,
    loop,
    log,
    clock,
    control: new Control(ring, loop, new Lifecycle()),
    client: new Client(ring, () => loop.wake()),
    /** What the stages were told. */
    ticks,
    /** Commands of each tick, and how many ticks had their time taken. */
    counted,
    timed,
    failures,
    /** Commands of this process have been handed in. */
    handedIn: () => until(() => log.hasHandedIn),
    /** A batch that was born elsewhere, from its place to the end. */
    other(...commands: Command[]): void {
      log.orderOther(commands.map(recordOf));
      log.commit();
    },
  };
}

function recordOf(command: Command): Int32Array {
  const { ints, ...records } = createRecords(1);
  writeCommand(command, 0, { sequence: 0, timestamp: 0 }, { ints, ...records });
  return ints;
}

const SET_UP = [
  listSymbol({ symbol: 0 }),
  openAccount({ account: 1 }),
  depositCash({ account: 1, amount: 1_000 }),
];
const bid = buy({ account: 1, price: 10, quantity: 5 });

test("batches of other processes come between the own ones, and only the own ones have replies", async () => {
  const { log, client, other, handedIn, ticks, counted, timed } = open();
  other(...SET_UP);
  client.send("1", bid);
  await handedIn();
  log.orderOwn();
  expect(client.told).toEqual([]);
  log.commit();
  expect(client.told).toEqual(["1: ACCEPTED 0/5"]);
  other(bid, bid);
  client.send("2", buy({ account: 1, price: 10, quantity: 500 }));
  await handedIn();
  log.orderOwn();
  log.commit();
  expect(client.told).toEqual(["1: ACCEPTED 0/5", "2: INSUFFICIENT_FUNDS"]);
  expect(ticks.map(({ told }) => told)).toEqual([
    { tick: 1, timestamp: 1_000, sequence: 3, count: 3 },
    { tick: 2, timestamp: 1_000, sequence: 4, count: 1 },
    { tick: 3, timestamp: 1_000, sequence: 6, count: 2 },
    { tick: 4, timestamp: 1_000, sequence: 7, count: 1 },
  ]);
  expect(counted).toEqual([3, 1, 2, 1]);
  // How long another's commands took is not known here.
  expect(timed.length).toBe(2);
});

test("own commands wait for their place while other batches come, and no more are submitted", async () => {
  const { ring, log, client, other, handedIn } = open();
  client.send("1", listSymbol({ symbol: 0 }));
  await handedIn();
  client.send("2", listSymbol({ symbol: 1 }));
  other(listSymbol({ symbol: 0 }), openAccount({ account: 1 }));
  await turn();
  expect([client.told, ring.gathering.count]).toEqual([[], 1]);
  log.orderOther([recordOf(listSymbol({ symbol: 2 }))]);
  await turn();
  log.commit();
  await turn();
  expect([client.told, ring.gathering.count]).toEqual([[], 1]);
  log.orderOwn();
  log.commit();
  expect(client.told).toEqual(["1: INVALID_PARAMETER"]);
  await handedIn();
  log.orderOwn();
  log.commit();
  expect(client.told).toEqual(["1: INVALID_PARAMETER", "2: done 0"]);
});

test("a reply has the sequence number and the time of the log", async () => {
  const { log, clock, control, other, handedIn } = open();
  other(...SET_UP);
  const replies = [1, 2].map((amount) =>
    control.submit({ kind: CommandKind.DEPOSIT_CASH, account: 1, amount }),
  );
  await handedIn();
  other(bid, bid);
  clock.now = 5_000;
  log.orderOwn();
  log.commit();
  const none: [number, number] = [0, 0];
  const done = { code: 0, detail: 0, because: none, count: 0, order: null };
  const stamp = { ...done, tick: 3, timestamp: 5_000 };
  expect(await Promise.all(replies)).toEqual([
    { ...stamp, amount: 1_001, sequence: 6 },
    { ...stamp, amount: 1_003, sequence: 7 },
  ]);
});

test("a read waits for another process's batch that is applied and not committed", () => {
  const { log, loop } = open();
  log.orderOther([recordOf(listSymbol({ symbol: 0 }))]);
  const seen: boolean[] = [];
  loop.read(() => seen.push(core.view.isListed(0)));
  expect(seen).toEqual([]);
  log.commit();
  expect(seen).toEqual([true]);
  loop.read(() => seen.push(core.view.isListed(1)));
  expect(seen).toEqual([true, false]);
});

test("a read waits for what was submitted before it, whatever comes first", async () => {
  const { log, loop, client, other, handedIn } = open();
  client.send("1", listSymbol({ symbol: 1 }));
  await handedIn();
  const seen: boolean[] = [];
  loop.read(() => seen.push(core.view.isListed(1)));
  other(listSymbol({ symbol: 0 }));
  expect(seen).toEqual([]);
  log.orderOther([recordOf(listSymbol({ symbol: 2 }))]);
  log.commit();
  expect(seen).toEqual([]);
  log.orderOwn();
  expect(seen).toEqual([]);
  log.commit();
  expect(seen).toEqual([true]);
});

test("the loop is drained only when another process's batch is committed too", async () => {
  const { log, loop } = open();
  log.orderOther([recordOf(listSymbol({ symbol: 0 }))]);
  let isDrained = false;
  const drained = loop.drained().then(() => {
    isDrained = true;
  });
  await turn();
  expect(isDrained).toBe(false);
  log.commit();
  await drained;
});

test("a log that fails refuses what was submitted, and everything later", async () => {
  const { log, loop, client, other, handedIn, failures, ticks } = open();
  other(...SET_UP);
  client.send("1", bid);
  await handedIn();
  client.send("2", bid);
  log.fail("cut off");
  expect(client.told).toEqual(["1: not stored"]);
  await loop.drained();
  expect(client.told).toEqual(["1: not stored", "2: not stored"]);
  expect([failures.length, ticks.length, loop.isAhead]).toEqual([1, 1, false]);
});

test("if a log fails after another process's batch was applied, nothing is published of that batch", async () => {
  const { log, loop, control, failures, ticks } = open();
  log.orderOther([recordOf(listSymbol({ symbol: 0 }))]);
  const waiting = control.read(() => "state");
  log.fail("cut off");
  const reason = new UnavailableError(50700, "storage failed");
  const refused = { status: "rejected" as const, reason };
  const later = control.read(() => "state");
  expect(await Promise.allSettled([waiting, later])).toEqual([refused, refused]);
  expect([failures.length, ticks.length, loop.isAhead]).toEqual([1, 0, true]);
});

test.each([1, 2, 3, 4])(
  "in any order, a replay of the log tells and gives the same (seed %d)",
  async (seed) => {
    const { log, loop, clock, client, ticks } = open();
    const random = new Random(seed);
    const records = randomRecords(seed, 1_000);
    const sent: string[] = [];
    while (records.length > 0) {
      const some = records.splice(0, random.between(1, 20));
      if (random.once(2)) {
        log.orderOther(some);
        if (random.once(2)) await turn();
        log.commit();
      } else {
        for (const words of some) {
          sent.push(`${sent.length}`);
          client.sendRecord(`${sent.length - 1}`, words);
        }
      }
      if (random.once(2)) await turn();
      if (log.hasHandedIn && random.once(3)) {
        log.orderOwn();
        log.commit();
      }
      clock.now += random.between(0, 5);
    }
    for (await turn(); log.hasHandedIn; await turn()) {
      log.orderOwn();
      log.commit();
    }
    await loop.drained();
    expect(client.told.map((line) => line.split(":")[0])).toEqual(sent);
    const live = { ticks: ticks.splice(0), hash: core.stateHash() };
    expect(live.ticks.at(-1)?.told.sequence).toBe(1_000);

    core.reset();
    const again: typeof live.ticks = [];
    const stage = {
      onTick: ({ events, tick, timestamp, sequence, count }: TickOutput) =>
        void again.push({
          told: { tick, timestamp, sequence, count },
          events: eventLines(events),
        }),
    };
    const apply = createReplay({ core, check: new StateCheck(core), records: [stage] });
    for (const batch of log.batches) apply(batch);
    expect({ ticks: again, hash: core.stateHash() }).toEqual(live);
  },
);
