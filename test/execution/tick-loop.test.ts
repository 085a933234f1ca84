import { describe, expect, test } from "bun:test";
import {
  buy,
  cancelAll,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
} from "../core/command-builder.ts";
import { turn, until } from "../lib/until.ts";
import type { Client } from "./client.ts";
import { createRig, type Rig } from "./rig.ts";

/** Two accounts with money and shares of symbol 0. */
async function open({ client, loop }: Rig): Promise<Client> {
  const house = client();
  house.send("list", listSymbol({ symbol: 0 }));
  for (const account of [1, 2]) {
    house.send("open", openAccount({ account }));
    house.send("cash", depositCash({ account, amount: 100_000 }));
    house.send("shares", depositShares({ account, amount: 1000 }));
  }
  await loop.drained();
  return house;
}

async function openRig(options: Parameters<typeof createRig>[0] = {}): Promise<Rig> {
  const rig = createRig(options);
  await open(rig);
  rig.journal.isHolding = true;
  return rig;
}

const order = { account: 1, price: 100, quantity: 10 };

describe("a tick", () => {
  test("is answered to all its clients when it is durable, and not before", async () => {
    const rig = await openRig();
    const [a, b] = [rig.client(), rig.client()];
    a.send("a1", buy({ account: 1, price: 100, quantity: 10 }));
    b.send("b1", sell({ account: 2, price: 100, quantity: 4 }));
    a.send("a2", sell({ account: 1, price: 90, quantity: 10 }));
    b.send("b2", sell({ account: 2, price: 101, quantity: 1001 }));
    a.send("a3", cancelAll({ account: 1 }));
    await rig.inFlight();
    await turn();
    expect([a.told, b.told]).toEqual([[], []]);

    rig.journal.letGo();
    expect(a.told).toEqual(["a1: ACCEPTED 0/10", "a2: SELF_TRADE", "a3: done 1"]);
    expect(b.told).toEqual(["b1: FILLED 4/4", "b2: INSUFFICIENT_SHARES"]);
  });

  test("contains all commands that gathered while the last one was in flight", async () => {
    const rig = await openRig();
    const clients = [rig.client(), rig.client(), rig.client()];
    clients[0].send("1", buy(order));
    await rig.inFlight();
    for (const request of ["2", "3"]) for (const each of clients) each.send(request, buy(order));
    await turn();
    expect(rig.ring.gathering.count).toBe(6);
    rig.journal.letGo();
    expect(clients.map(({ told }) => told)).toEqual([["1: ACCEPTED 0/10"], [], []]);
    await rig.inFlight();
    rig.journal.letGo();
    expect(clients.map(({ told }) => told)).toEqual([
      ["1: ACCEPTED 0/10", "2: ACCEPTED 0/10", "3: ACCEPTED 0/10"],
      ["2: ACCEPTED 0/10", "3: ACCEPTED 0/10"],
      ["2: ACCEPTED 0/10", "3: ACCEPTED 0/10"],
    ]);
    expect(rig.ticks.slice(-2)).toEqual([1, 6]);
  });

  test("is written to disk before the last one is answered, and applied after that", async () => {
    const seen: string[] = [];
    const told = ({ tick }: { tick: number }): void => {
      if (tick === 1) return;
      const { journal, core } = rig;
      seen.push(`${tick}: ${journal.counters.batches} written, ${core.view.tick()} applied`);
    };
    const rig: Rig = await openRig({ streams: () => [{ onTick: told }] });
    const client = rig.client();
    client.send("1", buy(order));
    await rig.inFlight();
    client.send("2", buy(order));
    rig.journal.letGo();
    expect(rig.journal.isWaiting).toBe(true);
    expect(rig.core.view.tick()).toBe(3);
    expect(client.told).toEqual(["1: ACCEPTED 0/10"]);
    rig.journal.letGo();
    expect(seen).toEqual(["2: 3 written, 2 applied", "3: 3 written, 3 applied"]);
    expect(client.told).toEqual(["1: ACCEPTED 0/10", "2: ACCEPTED 0/10"]);
  });

  test("is written to disk after the reads that wait for the last one", async () => {
    const rig = await openRig();
    const client = rig.client();
    client.send("1", buy(order));
    await rig.inFlight();
    const seen: number[] = [];
    rig.loop.read(() => seen.push(rig.core.view.tick(), rig.journal.counters.batches));
    client.send("2", buy(order));
    rig.journal.letGo();
    expect(seen).toEqual([2, 2]);
    await rig.inFlight();
    rig.journal.letGo();
    expect(client.told).toEqual(["1: ACCEPTED 0/10", "2: ACCEPTED 0/10"]);
  });

  test("that follows at once is hidden from reads until it is durable", async () => {
    const seen: number[] = [];
    const onTick = ({ tick }: { tick: number }): void => {
      if (tick === 2) rig.loop.read(() => seen.push(rig.core.view.tick()));
    };
    const rig: Rig = await openRig({ streams: () => [{ onTick }] });
    const client = rig.client();
    client.send("1", buy(order));
    await rig.inFlight();
    client.send("2", buy(order));
    rig.journal.letGo();
    expect(seen).toEqual([]);
    rig.journal.letGo();
    expect(seen).toEqual([3]);
  });

  test("answers only its own requests while their session has more requests in the next one", async () => {
    const rig = await openRig();
    const client = rig.client();
    client.send("1", buy(order));
    client.send("2", sell({ account: 2, price: 200, quantity: 5 }));
    await rig.inFlight();
    client.send("3", sell({ account: 2, price: 100, quantity: 10 }));
    client.send("4", buy({ account: 1, price: 200, quantity: 6 }));
    client.send("5", cancelAll({ account: 2 }));
    rig.journal.letGo();
    expect(client.told).toEqual(["1: ACCEPTED 0/10", "2: ACCEPTED 0/5"]);
    await rig.inFlight();
    rig.journal.letGo();
    expect(client.told.slice(2)).toEqual([
      "3: FILLED 10/10",
      "4: PARTIALLY_FILLED 5/6",
      "5: done 0",
    ]);
  });

  test("has room for half the ring, and commands beyond that are refused at once", async () => {
    const rig = await openRig({ ringCommands: 16 });
    const client = rig.client();
    client.send("first", buy(order));
    await rig.inFlight();
    const taken = Array.from({ length: 10 }, (_, i) => client.send(`${i}`, buy(order)));
    expect(taken).toEqual([true, true, true, true, true, true, true, true, false, false]);
    rig.journal.letGo();
    await rig.inFlight();
    expect(client.send("again", buy(order))).toBe(true);
    rig.journal.isHolding = false;
    rig.journal.letGo();
    await rig.loop.drained();
    expect(client.told).toEqual(
      ["first", "0", "1", "2", "3", "4", "5", "6", "7", "again"].map(
        (request) => `${request}: ACCEPTED 0/10`,
      ),
    );
    expect(rig.ticks.slice(-3)).toEqual([1, 8, 1]);
  });

  test("is passed to the records, then to the requesters, then to the streams", async () => {
    const order: string[] = [];
    const rig = createRig({
      records: () => [{ onTick: ({ tick }) => order.push(`record ${tick}`) }],
      streams: () => [{ onTick: ({ tick }) => order.push(`stream ${tick}`) }],
    });
    const client = rig.client();
    client.onDeliver = () => order.push("reply");
    client.send("1", listSymbol({ symbol: 0 }));
    rig.loop.read(() => order.push("read"));
    await rig.loop.drained();
    expect(order).toEqual(["record 1", "reply", "stream 1", "read"]);
  });

  test("has the same result whenever its flush calls back", async () => {
    for (const journal of [
      { durability: "none" },
      { flush: "blocking" },
      { flush: "overlapped" },
    ] as const) {
      const rig = createRig({ journal });
      const client = rig.client();
      client.send("1", listSymbol({ symbol: 0 }));
      client.send("2", listSymbol({ symbol: 0 }));
      await rig.loop.drained();
      client.send("3", openAccount({ account: 1 }));
      await rig.loop.drained();
      expect(client.told).toEqual(["1: done 0", "2: INVALID_PARAMETER", "3: done 1"]);
      expect(rig.ticks).toEqual([2, 1]);
    }
  });
});

describe("a read", () => {
  test("runs at once between ticks", async () => {
    const rig = await openRig();
    const seen: number[] = [];
    rig.loop.read(() => seen.push(rig.core.view.openOrderCount()));
    expect(seen).toEqual([0]);
  });

  test("waits for the tick in flight, and sees that tick and nothing later", async () => {
    const rig = await openRig();
    const client = rig.client();
    client.send("1", buy(order));
    await rig.inFlight();
    const seen: number[] = [];
    rig.loop.read(() => seen.push(rig.core.view.openOrderCount()));
    client.send("2", buy(order));
    await turn();
    expect(seen).toEqual([]);
    rig.journal.letGo();
    expect(seen).toEqual([1]);
  });

  test("waits for the next tick if commands have gathered for it", async () => {
    const rig = await openRig();
    const client = rig.client();
    client.send("1", buy(order));
    await rig.inFlight();
    client.send("2", buy(order));
    const seen: string[] = [];
    rig.loop.read(() => seen.push(`first ${rig.core.view.openOrderCount()}`));
    rig.loop.read(() => seen.push(`second ${rig.core.view.openOrderCount()}`));
    rig.journal.letGo();
    expect(seen).toEqual([]);
    await rig.inFlight();
    rig.loop.read(() => seen.push(`third ${rig.core.view.openOrderCount()}`));
    rig.journal.letGo();
    expect(seen).toEqual(["first 2", "second 2", "third 2"]);
  });

  test("is refused when too many wait, and accepted again when they have run", async () => {
    const rig = await openRig();
    rig.client().send("1", buy(order));
    await rig.inFlight();
    let count = 0;
    const read = () => rig.loop.read(() => count++);
    let taken = 0;
    while (read()) taken++;
    expect(taken).toBe(65_536);
    rig.journal.letGo();
    expect(count).toBe(taken);
    expect([read(), count]).toEqual([true, taken + 1]);
  });

  test("inside a read runs too", async () => {
    const rig = await openRig();
    const client = rig.client();
    client.send("1", buy(order));
    await rig.inFlight();
    const seen: string[] = [];
    rig.loop.read(() => {
      seen.push("outer");
      rig.loop.read(() => seen.push("inner"));
    });
    rig.journal.letGo();
    expect(seen).toEqual(["outer", "inner"]);
  });
});

describe("drained", () => {
  test("resolves at once when nothing is under way", async () => {
    const rig = createRig();
    expect(await rig.loop.drained()).toBeUndefined();
  });

  test("waits for the tick in flight and for the commands that gather behind it", async () => {
    const rig = await openRig();
    const client = rig.client();
    client.send("1", buy(order));
    await rig.inFlight();
    client.send("2", buy(order));
    let isDrained = false;
    const drained = Promise.all([rig.loop.drained(), rig.loop.drained()]).then(() => {
      isDrained = true;
    });
    rig.journal.letGo();
    await rig.inFlight();
    expect(isDrained).toBe(false);
    rig.journal.letGo();
    await drained;
    expect(client.told).toEqual(["1: ACCEPTED 0/10", "2: ACCEPTED 0/10"]);
    await rig.journal.close();
  });

  test("resolves when the storage fails instead", async () => {
    const rig = await openRig();
    const client = rig.client();
    client.send("1", buy(order));
    await rig.inFlight();
    client.send("2", buy(order));
    const drained = rig.loop.drained();
    rig.disk.flushFault = new Error("EIO");
    rig.journal.letGo();
    await drained;
    expect(client.told).toEqual(["1: not stored", "2: not stored"]);
  });
});

describe("storage that fails", () => {
  const REASON = "the journal in wal failed: EIO";

  /** Sends before, in and after the tick that fails, and gives what was told. */
  async function failing(rig: Rig, fail: () => void): Promise<string[]> {
    const client = rig.client();
    client.send("1", buy(order));
    client.send("2", buy(order));
    fail();
    await rig.loop.drained();
    client.send("3", buy(order));
    client.send("4", buy(order));
    await rig.loop.drained();
    client.send("5", buy(order));
    await rig.loop.drained();
    return client.told;
  }

  const NOT_STORED = ["1", "2", "3", "4", "5"].map((request) => `${request}: not stored`);

  test("in a flush that overlaps the tick refuses the tick and all that follow, and is reported once", async () => {
    const rig = createRig({ journal: { flush: "overlapped" } });
    await open(rig);
    expect(
      await failing(rig, () => {
        rig.disk.flushFault = new Error("EIO");
      }),
    ).toEqual(NOT_STORED);
    expect(rig.failures).toEqual([REASON]);
    expect(rig.loop.failed?.message).toBe(REASON);
  });

  test("in a flush before the tick refuses the tick, and the core never sees it", async () => {
    const rig = createRig();
    await open(rig);
    const hash = rig.core.stateHash();
    expect(
      await failing(rig, () => {
        rig.disk.flushFault = new Error("EIO");
      }),
    ).toEqual(NOT_STORED);
    expect(rig.failures).toEqual([REASON]);
    expect([rig.core.stateHash(), rig.loop.isAhead]).toEqual([hash, false]);
  });

  test("in an append refuses the tick, and the core never sees it", async () => {
    const rig = createRig();
    await open(rig);
    const hash = rig.core.stateHash();
    expect(
      await failing(rig, () => {
        rig.disk.writeFault = new Error("EIO");
      }),
    ).toEqual(NOT_STORED);
    expect(rig.failures).toEqual([REASON]);
    expect([rig.core.stateHash(), rig.loop.isAhead]).toEqual([hash, false]);
  });

  test("in an append while the last tick is answered does not affect that tick", async () => {
    const rig = await openRig();
    const client = rig.client();
    client.send("1", buy(order));
    await rig.inFlight();
    client.send("2", buy(order));
    rig.disk.writeFault = new Error("EIO");
    rig.journal.letGo();
    expect(client.told).toEqual(["1: ACCEPTED 0/10", "2: not stored"]);
    expect(rig.failures).toEqual([REASON]);
    expect([rig.core.view.tick(), rig.loop.isAhead]).toEqual([2, false]);
    await rig.loop.drained();
  });

  test("still allows reads, and passes the tick to no stage", async () => {
    const ticks: number[] = [];
    const rig = createRig({ records: () => [{ onTick: ({ tick }) => ticks.push(tick) }] });
    await open(rig);
    rig.journal.isHolding = true;
    const client = rig.client();
    client.send("1", buy(order));
    await rig.inFlight();
    const seen: string[] = [];
    rig.loop.read(() => seen.push("in flight"));
    client.send("2", buy(order));
    rig.loop.read(() => seen.push("gathering"));
    rig.disk.flushFault = new Error("EIO");
    rig.journal.letGo();
    await until(() => client.told.length === 2);
    rig.loop.read(() => seen.push("afterwards"));
    expect(seen).toEqual(["in flight", "gathering", "afterwards"]);
    expect(ticks).toEqual([1]);
    expect(rig.loop.isAhead).toBe(true);
  });
});

describe("a handler that throws", () => {
  test("on its replies does not stop the replies of others", async () => {
    const rig = await openRig();
    const [a, b, c] = [rig.client(), rig.client(), rig.client()];
    b.onDeliver = () => {
      throw new Error("a bad session");
    };
    for (const each of [a, b, c]) each.send("1", buy(order));
    await rig.inFlight();
    rig.journal.letGo();
    for (const each of [a, c]) each.send("2", buy(order));
    await rig.inFlight();
    rig.journal.letGo();
    expect([a, b, c].map(({ told }) => told)).toEqual([
      ["1: ACCEPTED 0/10", "2: ACCEPTED 0/10"],
      [],
      ["1: ACCEPTED 0/10", "2: ACCEPTED 0/10"],
    ]);
    expect(rig.bugs).toEqual(["Error: a bad session"]);
  });

  test("on a failure does not stop the report to others", async () => {
    const rig = await openRig();
    const [a, b, c] = [rig.client(), rig.client(), rig.client()];
    b.onFailed = () => {
      throw new Error("a bad session");
    };
    for (const each of [a, b, c]) each.send("1", buy(order));
    await rig.inFlight();
    rig.disk.flushFault = new Error("EIO");
    rig.journal.letGo();
    c.send("2", buy(order));
    await rig.loop.drained();
    expect([a, b, c].map(({ told }) => told)).toEqual([
      ["1: not stored"],
      [],
      ["1: not stored", "2: not stored"],
    ]);
    expect(rig.bugs).toEqual(["Error: a bad session"]);
  });

  test("in a read, a record or a stream stops no other handler, and no tick", async () => {
    const told: string[] = [];
    const bad = {
      onTick(): void {
        throw new Error("a bad stage");
      },
    };
    const rig = createRig({
      records: () => [bad, { onTick: ({ tick }) => told.push(`record ${tick}`) }],
      streams: () => [bad, { onTick: ({ tick }) => told.push(`stream ${tick}`) }],
    });
    const client = rig.client();
    for (const request of ["1", "2"]) {
      client.send(request, listSymbol({ symbol: 0 }));
      rig.loop.read(() => {
        throw new Error("a bad read");
      });
      rig.loop.read(() => told.push(`read ${request}`));
      await rig.loop.drained();
    }
    expect(client.told).toEqual(["1: done 0", "2: INVALID_PARAMETER"]);
    expect(told).toEqual(["record 1", "stream 1", "read 1", "record 2", "stream 2", "read 2"]);
    const ofATick = ["Error: a bad stage", "Error: a bad stage", "Error: a bad read"];
    expect(rig.bugs).toEqual([...ofATick, ...ofATick]);
  });

  test("on the times of a tick stops no tick", async () => {
    const rig = await openRig({
      onTick: () => {
        throw new Error("a bad line");
      },
    });
    rig.journal.isHolding = false;
    const client = rig.client();
    for (const request of ["1", "2"]) {
      client.send(request, buy(order));
      await rig.loop.drained();
    }
    expect(client.told).toEqual(["1: ACCEPTED 0/10", "2: ACCEPTED 0/10"]);
    expect(new Set(rig.bugs)).toEqual(new Set(["Error: a bad line"]));
  });

  test("on the report of a storage failure does not stop the report to others", async () => {
    const rig = await openRig({
      onFailure: () => {
        throw new Error("a bad report");
      },
    });
    const client = rig.client();
    client.send("1", buy(order));
    await rig.inFlight();
    rig.disk.flushFault = new Error("EIO");
    rig.journal.letGo();
    client.send("2", buy(order));
    await rig.loop.drained();
    expect(client.told).toEqual(["1: not stored", "2: not stored"]);
    expect(rig.bugs).toEqual(["Error: a bad report"]);
  });
});
