import { afterEach, describe, expect, jest, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandKind, OrderType, Side, SymbolState } from "../../src/core/command.ts";
import {
  Maintenance,
  type MaintenanceConfig,
  type ShownWindow,
  WindowRefused,
} from "../../src/maintenance/maintenance.ts";
import { ErrorCode } from "../../src/protocol/errors.ts";
import { fillOrderRequest, OrderRequest } from "../../src/protocol/order-request.ts";
import type { ControlCommand } from "../../src/router/control.ts";
import { MaintenanceGate } from "../../src/trading/maintenance-gate.ts";
import { openMarket } from "../gateway/market.ts";

const MINUTE = 60_000;
const { TRADING, CANCEL_ONLY, HALTED, PRE_OPEN, AUCTION } = SymbolState;
const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** SYMBOL_0 to SYMBOL_2, of which the last is halted, and windows of 10 minutes that begin in an hour. */
async function open(config: Partial<MaintenanceConfig> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), "waiver-maintenance-"));
  directories.push(dataDir);
  const market = openMarket();
  const { view, control, clock } = market;
  clock.now = 1_800_000_000_000;
  for (const symbol of [0, 1, 2]) {
    await control.submit({ kind: CommandKind.LIST_SYMBOL, symbol, price: 1, text: `p${symbol}` });
  }
  const setState = (symbol: number, quantity: number) =>
    control.submit({ kind: CommandKind.SET_SYMBOL_STATE, symbol, quantity });
  await setState(2, HALTED);
  const warnings: string[] = [];
  /** Symbols whose players have left. */
  const left = new Set<number>();
  const start = async () => {
    const told: ShownWindow[] = [];
    const gate = new MaintenanceGate(() => clock.now);
    const maintenance = new Maintenance({
      config: { cancelOnlyMs: 5 * MINUTE, reopen: "auction", reopenMs: 2 * MINUTE, ...config },
      ...{ dataDir, view, control, gate, hasLeft: (symbol) => left.has(symbol) },
      notify: (window) => void told.push(window),
      log: {
        info: () => {},
        warn: (fields) => void warnings.push(JSON.stringify(fields)),
        error: () => {},
      },
      now: () => clock.now,
    });
    await maintenance.look();
    return {
      maintenance,
      gate,
      told,
      /** Goes to so many minutes after the start of the window. */
      async at(minutes: number) {
        clock.now = startsAt + minutes * MINUTE;
        await maintenance.look();
        return [0, 1, 2].map((symbol) => view.symbolState(symbol));
      },
    };
  };
  const startsAt = clock.now + 60 * MINUTE;
  const window = { starts_at: startsAt, ends_at: startsAt + 10 * MINUTE, message: "New disks" };
  return { ...market, dataDir, setState, start, window, warnings, left };
}

/** A LIMIT order, post-only or not. */
function order(post_only: boolean): OrderRequest {
  const request = new OrderRequest();
  const params = { symbol: "SYMBOL_0", side: "BUY", type: "LIMIT", quantity: 1, price: 1 } as const;
  fillOrderRequest(request, "order.place", { ...params, post_only });
  return request;
}

describe("a window", () => {
  test("closes for orders, then for all, and opens again through an auction", async () => {
    const { start, window, warnings } = await open();
    const { maintenance, gate, at, told } = await start();
    const scheduled = await maintenance.schedule(window);
    expect(scheduled).toEqual({ id: "mnt_1", ...window, phase: "scheduled" });
    expect(maintenance.list()).toEqual([scheduled]);
    expect(await at(-5.01)).toEqual([TRADING, TRADING, HALTED]);
    expect(await at(-5)).toEqual([CANCEL_ONLY, CANCEL_ONLY, HALTED]);
    expect(gate.refusal()).toBeNull();
    await at(0);
    expect(gate.refusal()).toEqual({
      code: ErrorCode.MAINTENANCE,
      message: "Closed for maintenance: New disks",
      details: { retry_after_ms: 10 * MINUTE, reason: "New disks" },
    });
    await at(9.999);
    expect(gate.refusal()?.details).toEqual({ retry_after_ms: 1000, reason: "New disks" });
    expect(await at(10)).toEqual([AUCTION, AUCTION, HALTED]);
    expect([gate.refusal(), gate.orderRefusal(order(false))]).toEqual([null, null]);
    expect(await at(12)).toEqual([TRADING, TRADING, HALTED]);
    expect(maintenance.list()).toEqual([]);
    // An hour, half an hour, … before orders are closed, and at each change after that.
    expect(told.map(({ phase }) => phase)).toEqual([
      "scheduled",
      "scheduled",
      "cancel_only",
      "closed",
      "reopening",
      "over",
    ]);
    expect(warnings).toEqual([]);
  });

  test("is told of ahead: when it is scheduled, and as it comes near", async () => {
    const { start, window } = await open();
    const { maintenance, at, told } = await start();
    await maintenance.schedule(window);
    const counts: number[] = [];
    for (const minutes of [-50, -36, -35, -21, -20, -10, -6]) {
      await at(minutes);
      counts.push(told.length);
    }
    expect(counts).toEqual([1, 1, 2, 2, 3, 4, 5]);
  });

  test("opens for post-only orders and cancels first, where that is configured", async () => {
    const { start, window } = await open({ reopen: "post-only" });
    const { maintenance, gate, at } = await start();
    await maintenance.schedule(window);
    expect(await at(5)).toEqual([CANCEL_ONLY, CANCEL_ONLY, HALTED]);
    expect(await at(10)).toEqual([TRADING, TRADING, HALTED]);
    const cancel = new OrderRequest();
    fillOrderRequest(cancel, "order.cancel", { order_id: "ord_1" });
    const amend = new OrderRequest();
    fillOrderRequest(amend, "order.amend", { order_id: "ord_1", price: 2 });
    const refused = {
      code: ErrorCode.MAINTENANCE,
      message: "Post-only orders and cancels alone for a while",
      details: { retry_after_ms: 2 * MINUTE, reason: "post-only" },
    };
    expect(
      [order(true), cancel, order(false), amend].map((each) => gate.orderRefusal(each)),
    ).toEqual([null, null, refused, refused]);
    await at(12);
    expect(gate.orderRefusal(order(false))).toBeNull();
  });

  test("opens at once, where that is configured", async () => {
    const { start, window } = await open({ reopen: "at-once", reopenMs: 0, cancelOnlyMs: 0 });
    const { maintenance, at } = await start();
    await maintenance.schedule(window);
    expect(await at(-0.001)).toEqual([TRADING, TRADING, HALTED]);
    expect(await at(0)).toEqual([CANCEL_ONLY, CANCEL_ONLY, HALTED]);
    expect(await at(10)).toEqual([TRADING, TRADING, HALTED]);
  });

  test.each([-30, -5, 0, 5, 10, 11, 12, 5000])(
    "goes on after a restart %p minutes after its start",
    async (minutes) => {
      const { start, window } = await open();
      const before = await start();
      await before.maintenance.schedule(window);
      for (const past of [-5, 5]) if (past < minutes && minutes < 100) await before.at(past);
      const undisturbed = await before.at(minutes);
      const refusal = before.gate.refusal();
      const after = await start();
      expect(await after.at(minutes)).toEqual(undisturbed);
      expect(after.gate.refusal()).toEqual(refusal);
      expect(after.maintenance.list()).toEqual(before.maintenance.list());
      expect(await after.at(13)).toEqual([TRADING, TRADING, HALTED]);
    },
  );

  test("that a restart slept through ends", async () => {
    const { start, window } = await open();
    const before = await start();
    await before.maintenance.schedule(window);
    expect(await before.at(-1)).toEqual([CANCEL_ONLY, CANCEL_ONLY, HALTED]);
    const after = await start();
    expect(await after.at(500)).toEqual([TRADING, TRADING, HALTED]);
    expect(after.maintenance.list()).toEqual([]);
  });

  test("closes and opens to the millisecond, and is announced as it is then", async () => {
    const { start, window, clock } = await open({ reopenMs: 0, cancelOnlyMs: 0 });
    const { maintenance, gate } = await start();
    jest.useFakeTimers();
    try {
      await maintenance.start();
      await maintenance.schedule(window);
      const seen: unknown[] = [];
      for (const ms of [60 * MINUTE - 1, 1, 10 * MINUTE - 1, 1]) {
        clock.now += ms;
        jest.advanceTimersByTime(Math.min(ms, 1000));
        for (let i = 0; i < 10; i++) await Promise.resolve();
        seen.push([gate.refusal() !== null, gate.windows().map(({ phase }) => phase)]);
        // What was begun comes to its end.
        await maintenance.look();
      }
      expect(seen).toEqual([
        [false, ["scheduled"]],
        [true, ["closed"]],
        [true, ["closed"]],
        [false, []],
      ]);
    } finally {
      maintenance.stop();
      jest.useRealTimers();
    }
  });

  test("leaves alone what an operator halts meanwhile, and closes what he opens", async () => {
    const { start, window, setState } = await open();
    const { maintenance, at } = await start();
    await maintenance.schedule(window);
    await at(-4);
    await setState(0, HALTED);
    await setState(2, TRADING);
    expect(await at(1)).toEqual([HALTED, CANCEL_ONLY, CANCEL_ONLY]);
    expect(await at(12)).toEqual([HALTED, TRADING, TRADING]);
  });

  test("holds a symbol whose pause would end in it, with the stops that would then come in", async () => {
    const { start, window, control, view } = await open();
    const submit = async (command: ControlCommand) => {
      expect((await control.submit(command)).code).toBe(0);
    };
    await submit({
      kind: CommandKind.SET_SYMBOL_PROTECTION,
      symbol: 0,
      // A move of 5 % within an hour is a pause, until two minutes after the start of the window; then no auction.
      ...{ price: 500, stopPrice: 60 * MINUTE, orderSlot: 62 * MINUTE, orderGeneration: 0 },
    });
    for (const account of [1, 2]) {
      await submit({ kind: CommandKind.OPEN_ACCOUNT, account, actor: account });
      await submit({ kind: CommandKind.DEPOSIT_CASH, account, amount: 10_000 });
    }
    await submit({ kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 0, amount: 10 });
    const { PLACE } = CommandKind;
    const sell = { kind: PLACE | (Side.SELL << 8), account: 1, symbol: 0, quantity: 1 };
    const buy = { kind: PLACE, account: 2, symbol: 0, quantity: 1 };
    for (const price of [100, 106, 107]) await submit({ ...sell, price });
    await submit({ ...buy, price: 100 });
    await submit({ ...buy, kind: PLACE | (OrderType.STOP << 16), stopPrice: 106 });
    await submit({ ...buy, price: 106 });
    expect(view.symbolState(0)).toBe(HALTED);

    const { maintenance, at } = await start();
    await maintenance.schedule(window);
    expect(await at(-4)).toEqual([CANCEL_ONLY, CANCEL_ONLY, HALTED]);
    expect(await at(3)).toEqual([CANCEL_ONLY, CANCEL_ONLY, HALTED]);
    expect(view.lastTrade(0)).toMatchObject({ price: 106 });
    expect(await at(12)).toEqual([TRADING, TRADING, HALTED]);
    expect(view.lastTrade(0)).toMatchObject({ price: 107 });
  });

  test.each(["auction", "post-only", "at-once"] as const)(
    "does not open what an operator has in PRE_OPEN, whatever it opens (%s)",
    async (reopen) => {
      const { start, window, setState } = await open({ reopen });
      await setState(1, PRE_OPEN);
      const { maintenance, at } = await start();
      await maintenance.schedule(window);
      expect(await at(-4)).toEqual([CANCEL_ONLY, PRE_OPEN, HALTED]);
      await setState(2, PRE_OPEN);
      expect(await at(1)).toEqual([CANCEL_ONLY, PRE_OPEN, PRE_OPEN]);
      await at(11);
      expect(await at(12)).toEqual([TRADING, PRE_OPEN, PRE_OPEN]);
    },
  );
});

describe("cancelling", () => {
  test("takes a window back, and tells", async () => {
    const { start, window } = await open();
    const { maintenance, at, told } = await start();
    await maintenance.schedule(window);
    const cancelled = { id: "mnt_1", ...window, message: "Cancelled: New disks", phase: "over" };
    expect(await maintenance.cancel("mnt_1")).toEqual(cancelled as ShownWindow);
    expect(told.at(-1)).toEqual(cancelled as ShownWindow);
    expect(maintenance.list()).toEqual([]);
    expect(await at(5)).toEqual([TRADING, TRADING, HALTED]);
  });

  test.each([-2, 3])(
    "ends one %p minutes after its start, and opens as it would have",
    async (minutes) => {
      const { start, window } = await open();
      const { maintenance, gate, at } = await start();
      await maintenance.schedule(window);
      await at(minutes);
      expect((await maintenance.cancel("mnt_1")).phase).toBe("reopening");
      expect(gate.refusal()).toBeNull();
      expect(await at(minutes)).toEqual([AUCTION, AUCTION, HALTED]);
      expect(await at(minutes + 2)).toEqual([TRADING, TRADING, HALTED]);
    },
  );

  test("what is not there, or over, is refused", async () => {
    const { start, window } = await open();
    const { maintenance, at } = await start();
    await maintenance.schedule(window);
    await expect(maintenance.cancel("mnt_2")).rejects.toEqual(
      new WindowRefused("", "There is no window mnt_2"),
    );
    await at(11);
    await expect(maintenance.cancel("mnt_1")).rejects.toEqual(
      new WindowRefused("id", "It is over"),
    );
  });
});

describe("scheduling", () => {
  test("that starts at a moment of the last minute starts now", async () => {
    const { start, window, clock } = await open();
    const { maintenance, gate } = await start();
    const late = { ...window, starts_at: clock.now - MINUTE };
    const past = late.starts_at - 1;
    await expect(maintenance.schedule({ ...late, starts_at: past })).rejects.toEqual(
      new WindowRefused("starts_at", `Must not be in the past, got ${past}`),
    );
    const begun = await maintenance.schedule(late);
    expect([begun.starts_at, begun.phase]).toEqual([clock.now, "closed"]);
    expect(gate.refusal()).not.toBeNull();
  });

  test.each([
    [{ starts_at: 1 }, "starts_at", "Must not be in the past, got 1"],
    [{ ends_at: 1 }, "ends_at", "Must be after starts_at, 1800003600000, got 1"],
  ])("%p is refused", async (change, field, issue) => {
    const { start, window } = await open();
    const { maintenance } = await start();
    await expect(maintenance.schedule({ ...window, ...change })).rejects.toEqual(
      new WindowRefused(field, issue),
    );
    expect(maintenance.list()).toEqual([]);
  });

  test("refuses what overlaps another, with what comes before and after", async () => {
    const { start, window } = await open();
    const { maintenance } = await start();
    await maintenance.schedule(window);
    const moved = (minutes: number) => ({
      ...window,
      starts_at: window.starts_at + minutes * MINUTE,
      ends_at: window.ends_at + minutes * MINUTE,
    });
    for (const minutes of [0, 16, -16]) {
      await expect(maintenance.schedule(moved(minutes))).rejects.toThrow("Overlaps mnt_1");
    }
    expect((await maintenance.schedule(moved(17))).id).toBe("mnt_2");
    expect((await maintenance.schedule(moved(-17))).id).toBe("mnt_3");
    expect(maintenance.list().map(({ id }) => id)).toEqual(["mnt_3", "mnt_1", "mnt_2"]);
  });

  test("has an end: 32 windows", async () => {
    const { start, window } = await open();
    const { maintenance } = await start();
    for (let day = 0; day < 32; day++) {
      const later = day * 24 * 60 * MINUTE;
      const { starts_at, ends_at } = window;
      await maintenance.schedule({
        ...window,
        starts_at: starts_at + later,
        ends_at: ends_at + later,
      });
    }
    const far = window.starts_at + 400 * 24 * 60 * MINUTE;
    await expect(
      maintenance.schedule({ ...window, starts_at: far, ends_at: far + 1 }),
    ).rejects.toThrow("32 windows are scheduled already");
  });
});

test("commands that are refused are tried again at the next look", async () => {
  const { start, window, control, warnings } = await open();
  const { maintenance, gate, at } = await start();
  await maintenance.schedule(window);
  const { submit } = control;
  control.submit = () => Promise.reject(new Error("overloaded"));
  expect(await at(1)).toEqual([TRADING, TRADING, HALTED]);
  expect([gate.refusal()?.code, warnings.length]).toEqual([ErrorCode.MAINTENANCE, 1]);
  control.submit = submit;
  expect(await at(2)).toEqual([CANCEL_ONLY, CANCEL_ONLY, HALTED]);
  expect(await at(12)).toEqual([TRADING, TRADING, HALTED]);
});

test("a window that is scheduled or taken back while commands are refused is all the same", async () => {
  const { start, window, control, clock, warnings } = await open();
  const { maintenance, at } = await start();
  const { submit } = control;
  control.submit = (command) =>
    command.kind === CommandKind.NOTE
      ? submit.call(control, command)
      : Promise.reject("overloaded");
  const starts_at = clock.now;
  expect(await maintenance.schedule({ ...window, starts_at })).toMatchObject({ phase: "closed" });
  expect(await maintenance.cancel("mnt_1")).toMatchObject({ phase: "reopening" });
  expect(warnings.length).toBe(1);
  control.submit = submit;
  expect(await at(-60)).toEqual([TRADING, TRADING, HALTED]);
});

test("the symbol of a player who leaves meanwhile stays closed", async () => {
  const { start, window, left } = await open();
  const { maintenance, at } = await start();
  await maintenance.schedule(window);
  await at(1);
  left.add(1);
  expect(await at(10)).toEqual([AUCTION, CANCEL_ONLY, HALTED]);
  expect(await at(12)).toEqual([TRADING, CANCEL_ONLY, HALTED]);
});

test("a damaged file stops the start, and says what to do", async () => {
  const { start, window, dataDir } = await open();
  await (await start()).maintenance.schedule(window);
  const path = join(dataDir, "maintenance.json");
  writeFileSync(path, readFileSync(path, "utf8").slice(0, 40));
  await expect(start()).rejects.toThrow(`${path}: damaged: `);
  writeFileSync(path, '{"version":2,"windows":{}}');
  await expect(start()).rejects.toThrow(
    `${path}: it has version 2, and this program knows 1 at most: start the newer program`,
  );
});
