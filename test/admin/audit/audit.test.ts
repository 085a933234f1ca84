import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { type AuditEntry, newestAudit, readAudit } from "../../../src/admin/audit/audit.ts";
import { AUDIT_HEAD, auditLines } from "../../../src/admin/audit/audit-text.ts";
import type { AuditFilter } from "../../../src/admin/audit/filter.ts";
import {
  JournalStartMissingError,
  replayJournal,
} from "../../../src/admin/audit/journal-replay.ts";
import type { JournalRange } from "../../../src/admin/journal-range.ts";
import { CommandKind, orderNumber } from "../../../src/core/command.ts";
import { EventKind } from "../../../src/core/event.ts";
import { createReplay } from "../../../src/execution/replay.ts";
import { snapshotInfo } from "../../../src/persistence/rebuild.ts";
import { writeSnapshot } from "../../../src/persistence/snapshot/write-snapshot.ts";
import { diskFileSystem } from "../../../src/persistence/wal/file-system.ts";
import { segmentName } from "../../../src/persistence/wal/layout.ts";
import { readJournal } from "../../../src/persistence/wal/recovery.ts";
import { orderName } from "../../../src/protocol/names.ts";
import { AuditPage } from "../../../src/protocol/schemas/audit.ts";
import { ExchangeState } from "../../../src/records/exchange-state.ts";
import * as say from "../../core/command-builder.ts";
import { randomRecords } from "../../execution/flow.ts";
import { START, WrittenJournal, wordsOf } from "./written-journal.ts";

/** Ann (usr_1) owns acc_1, Bob (usr_2) acc_2. */
const TICKS = [
  [wordsOf(say.listSymbol({ symbol: 3, text: "4046" })), wordsOf(say.listSymbol({ symbol: 4 }))],
  [
    wordsOf(say.openAccount({ account: 1 })),
    wordsOf(say.depositShares({ account: 1, symbol: 3, amount: 10 })),
    wordsOf(say.note({ text: "key.create usr_1 ak_a" })),
  ],
  [
    wordsOf(say.openAccount({ account: 2 })),
    wordsOf(say.depositCash({ account: 2, amount: 1000 })),
    wordsOf(say.note({ text: "key.create usr_2 ak_b" })),
  ],
  [
    wordsOf(say.sell({ account: 1, symbol: 3, price: 50, quantity: 4 }), 1),
    wordsOf(say.buy({ account: 2, symbol: 3, price: 51, quantity: 6, clientId: "b" }), 2),
    wordsOf(say.buy({ account: 2, symbol: 3, price: 51, quantity: 600 }), 2),
  ],
  [
    wordsOf(say.buy({ account: 2, symbol: 3, price: 51, quantity: 6, clientId: "b" }), 2),
    wordsOf(say.cancelAll({ account: 2 }), 2),
    wordsOf(say.buy({ account: 2, symbol: 3, price: 51, quantity: 6, clientId: "b" }), 2),
  ],
  [
    wordsOf(say.sell({ account: 1, symbol: 3, price: 60, quantity: 1 }), 1),
    // The operator's, of whichever account.
    wordsOf(say.record({ kind: CommandKind.CANCEL, symbol: -1, slot: 2, generation: 1 })),
    wordsOf(say.setSymbolState({ symbol: 3, state: "HALTED" })),
    wordsOf(say.setSymbolRules({ symbol: -1, bandBps: 100 })),
  ],
];

let journal: WrittenJournal;
beforeAll(async () => {
  journal = await WrittenJournal.of(TICKS);
});
afterAll(() => journal[Symbol.dispose]());

function audit(filter: AuditFilter = {}, range: JournalRange = {}): AuditEntry[] {
  const entries: AuditEntry[] = [];
  readAudit(journal, range, filter, (entry) => entries.push(entry) > 0);
  return entries;
}

const sequences = (filter: AuditFilter, range?: JournalRange): number[] =>
  audit(filter, range).map(({ sequence }) => sequence);

/** Entries to be compared as a whole. */
const told = (range: JournalRange): object[] => audit({}, range);

/** What all records of a tick have. */
const inTick = (tick: number) => ({ tick, timestamp: START + (tick - 1) * 1000 });

const FILL = {
  trade_id: 1,
  symbol: "SYMBOL_3",
  price: 50,
  quantity: 4,
  taker: {
    ...{ account: "acc_2", order_id: "ord_2", side: "BUY", quantity: 6, filled_quantity: 4 },
    ...{ status: "PARTIALLY_FILLED", fee: 0 },
  },
  maker: {
    ...{ account: "acc_1", order_id: "ord_1", side: "SELL", quantity: 4, filled_quantity: 4 },
    ...{ status: "FILLED", fee: 0 },
  },
};

describe("an entry says", () => {
  test("who placed an order, and what became of it at once", () => {
    expect(told({ from: { by: "sequence", value: 10 }, to: { by: "tick", value: 4 } })).toEqual([
      {
        ...{ sequence: 10, ...inTick(4), kind: "PLACE", actor: "usr_2", account: "acc_2" },
        ...{ symbol: "SYMBOL_3", side: "BUY", type: "LIMIT", price: 51, quantity: 6 },
        ...{ time_in_force: "GTC", self_trade_prevention: "CANCEL_NEWEST", client_order_id: "b" },
        result: {
          order: {
            ...{ account: "acc_2", order_id: "ord_2", client_order_id: "b", symbol: "SYMBOL_3" },
            ...{ side: "BUY", type: "LIMIT", price: 51, quantity: 6, filled_quantity: 4 },
            ...{ time_in_force: "GTC", average_price: 50, status: "PARTIALLY_FILLED" },
          },
        },
        events: [{ trade: FILL }],
      },
      {
        ...{ sequence: 11, ...inTick(4), kind: "PLACE", actor: "usr_2", account: "acc_2" },
        ...{ symbol: "SYMBOL_3", side: "BUY", type: "LIMIT", price: 51, quantity: 600 },
        ...{ time_in_force: "GTC", self_trade_prevention: "CANCEL_NEWEST" },
        error: { code: 40906, name: "INSUFFICIENT_FUNDS", needed: 30_600, available: 698 },
        events: [],
      },
    ]);
  });

  test("who cancelled an order, and that a repeat placed nothing", () => {
    const order = {
      ...{ account: "acc_2", order_id: "ord_2", client_order_id: "b", symbol: "SYMBOL_3" },
      ...{ side: "BUY", type: "LIMIT", price: 51, quantity: 6, filled_quantity: 4 },
      ...{ time_in_force: "GTC", average_price: 50 },
    };
    const tick = { by: "tick", value: 5 } as const;
    const entries: object[] = audit({}, { from: tick, to: tick }).map(
      ({ actor, kind, result, events }) => ({ actor, kind, result, events }),
    );
    expect(entries).toEqual([
      {
        ...{ actor: "usr_2", kind: "PLACE", events: [] },
        result: { order: { ...order, status: "PARTIALLY_FILLED", duplicate: true } },
      },
      {
        ...{ actor: "usr_2", kind: "CANCEL_ALL", result: { cancelled: 1 } },
        events: [{ order: { ...order, status: "CANCELLED", reason: "CANCEL_ALL" } }],
      },
      {
        ...{ actor: "usr_2", kind: "PLACE", events: [] },
        result: { order: { account: "acc_2", order_id: "ord_2", duplicate: true } },
      },
    ]);
  });

  test("what an operator did, to whom", () => {
    const entries = told({ from: { by: "sequence", value: 16 } });
    const { result } = audit({}, { from: { by: "sequence", value: 15 } })[0];
    const placed = result?.order;
    expect(entries).toEqual([
      {
        ...{ sequence: 16, ...inTick(6), kind: "CANCEL", actor: "exchange", account: "acc_0" },
        order_id: placed?.order_id,
        result: { order: { ...placed, account: "acc_1", status: "CANCELLED", reason: "OPERATOR" } },
        events: [],
      },
      {
        ...{ sequence: 17, ...inTick(6), kind: "SET_SYMBOL_STATE", actor: "exchange" },
        ...{ symbol: "SYMBOL_3", state: "HALTED", result: {} },
        events: [{ symbol: { symbol: "SYMBOL_3", state: "HALTED" } }],
      },
      {
        ...{ sequence: 18, ...inTick(6), kind: "SET_SYMBOL_RULES", actor: "exchange" },
        ...{ max_order_quantity: 0, price_band_bps: 100, result: {}, events: [] },
      },
    ]);
  });
});

test("a refusal has the details that its code provides", async () => {
  const symbol = 3;
  const place = { account: 1, symbol, quantity: 2 };
  using refused = await WrittenJournal.of([
    [
      say.listSymbol({ symbol, increment: 10 }),
      say.setSymbolRules({ symbol, reference: 1000, bandBps: 1000, quantityMax: 50 }),
      say.openAccount({ account: 1 }),
      say.buy({ ...place, price: 1001 }),
      say.buy({ ...place, price: 890 }),
      say.buy({ ...place, price: 1000 }),
      say.sell({ ...place, price: 1000 }),
      say.buy({ ...place, price: 1000, quantity: 51 }),
      say.buy({ ...place, price: 1000, quantity: 0 }),
      say.depositCash({ account: 1, amount: -1 }),
      say.record({ kind: CommandKind.CANCEL, account: 1, symbol, slot: 2, generation: 1 }),
    ].map((command) => wordsOf(command)),
  ]);
  const errors: object[] = [];
  readAudit(refused, {}, {}, ({ error }) => errors.push(error ?? []) > 0);
  expect(errors.flat()).toEqual([
    { code: 40905, name: "OFF_INCREMENT", price_increment: 10 },
    { code: 40904, name: "OUTSIDE_BAND", low: 900, high: 1100 },
    { code: 40906, name: "INSUFFICIENT_FUNDS", needed: 2000, available: 0 },
    { code: 40907, name: "INSUFFICIENT_SHARES", needed: 2, available: 0 },
    { code: 40910, name: "CAPACITY", limit: "order_quantity" },
    { code: 40001, name: "INVALID_PARAMETER", field: "order" },
    { code: 40906, name: "INSUFFICIENT_FUNDS", needed: 1, available: 0 },
    { code: 40004, name: "UNKNOWN_ORDER", order_id: orderName(orderNumber(2, 1)) },
  ]);
});

describe("asked for", () => {
  test("an account: its own commands, its fills by others, its user's keys, its cancelled orders", () => {
    expect(sequences({ account: 1 })).toEqual([3, 4, 5, 9, 10, 15, 16]);
    expect(sequences({ account: 2 })).toEqual([6, 7, 8, 10, 11, 12, 13, 14]);
    const [maker] = audit({ account: 1 }, { from: { by: "sequence", value: 10 } });
    expect(maker).toMatchObject({ actor: "usr_2", events: [{ trade: FILL }] });
    expect(sequences({ account: 7 })).toEqual([]);
  });

  test("a user: what was asked for by the user, and notes", () => {
    expect(sequences({ user: 1 })).toEqual([3, 5, 9, 15]);
    expect(sequences({ user: 2, account: 2, symbol: 3 })).toEqual([10, 11, 12, 13, 14]);
  });

  test("a symbol: what names it or touches it, and rules for all", () => {
    expect(sequences({ symbol: 3 })).toEqual([1, 4, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
    expect(sequences({ symbol: 4 })).toEqual([2, 18]);
  });

  test("a part, by sequence, tick and time, both ends included", () => {
    expect(
      sequences({}, { from: { by: "tick", value: 2 }, to: { by: "sequence", value: 7 } }),
    ).toEqual([3, 4, 5, 6, 7]);
    const from = { by: "timestamp", value: START + 4000 } as const;
    const to = { by: "timestamp", value: START + 4999 } as const;
    expect(sequences({}, { from, to })).toEqual([12, 13, 14]);
    expect(sequences({}, { from: { by: "sequence", value: 19 } })).toEqual([]);
  });

  test("no more: the reading ends", () => {
    const seen: number[] = [];
    readAudit(journal, {}, {}, ({ sequence }) => seen.push(sequence) < 5);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });
});

test("for people: who a symbol stands for is told once, by its title", () => {
  const [entry] = audit({ account: 2 }, { from: { by: "sequence", value: 10 } });
  const named = { ...entry, ticker: "PMAHOMES", player_name: "Patrick Mahomes" } as AuditEntry;
  expect(auditLines(named)).toEqual(auditLines(entry as AuditEntry));
});

test("for people: a line for the command, one for what came of it, one for each thing more", () => {
  const lines = audit({ account: 2 }, { from: { by: "sequence", value: 10 } })
    .flatMap((entry) => auditLines(entry))
    .map((line) => line.trim());
  expect(AUDIT_HEAD.trim().split(/ +/)).toEqual(["time", "sequence", "who", "what"]);
  const time = new Date(START + 3000).toISOString();
  const place = "PLACE acc_2 SYMBOL_3 BUY LIMIT price 51";
  const rest = "GTC self_trade_prevention CANCEL_NEWEST";
  expect(lines.slice(0, 5)).toEqual([
    `${time}         10 usr_2      ${place} quantity 6 ${rest} client_order_id b`,
    "ord_2 of acc_2 PARTIALLY_FILLED, 4 of 6 filled",
    "trade 1: 4 at 50, taker ord_2 of acc_2, maker ord_1 of acc_1",
    `${time}         11 usr_2      ${place} quantity 600 ${rest}`,
    "refused: 40906 INSUFFICIENT_FUNDS (needed 30600, available 698)",
  ]);
  expect(lines.slice(-5)).toEqual([
    `${new Date(START + 4000).toISOString()}         13 usr_2      CANCEL_ALL acc_2`,
    "done: cancelled 1",
    "ord_2 of acc_2 CANCELLED (CANCEL_ALL), 4 of 6 filled",
    `${new Date(START + 4000).toISOString()}         14 usr_2      ${place} quantity 6 ${rest} client_order_id b`,
    "ord_2 of acc_2, placed before",
  ]);
});

test("random commands, garbage too: one entry each, with every trade and every order that changed, as published", async () => {
  const records = randomRecords(7, 3000);
  const ticks: Int32Array[][] = [];
  for (let i = 0; i < records.length; i += 1 + (i % 40))
    ticks.push(records.slice(i, i + 1 + (i % 40)));
  using random = await WrittenJournal.of(ticks);
  const isLeftOut = new Set<number>([EventKind.LEVEL, EventKind.CASH, EventKind.POSITION]);
  let replies = 0;
  let others = 0;
  replayJournal(random, {}, ({ events }) => {
    for (let e = 0; e < events.end(); e = events.next(e)) {
      if (events.isReply(e)) replies++;
      else if (!isLeftOut.has(events.kind(e))) others++;
    }
    return true;
  });
  const entries: AuditEntry[] = [];
  readAudit(random, {}, {}, (entry) => entries.push(entry) > 0);
  const count = ticks.flat().length;
  expect(replies).toBe(count);
  expect(entries.map(({ sequence }) => sequence)).toEqual(ticks.flat().map((_, i) => i + 1));
  expect(
    entries.filter(({ result, error }) => (result === undefined) === (error === undefined)),
  ).toEqual([]);
  expect(entries.reduce((sum, { events }) => sum + events.length, 0)).toBe(others);
  const page = JSON.parse(JSON.stringify({ entries, next_seq: null }));
  // A time of expiry that no client can send, such as 1e300, is shown as it is.
  const faults = [...Value.Errors(AuditPage, page)].filter(
    ({ path }) => !path.endsWith("expire_at"),
  );
  expect(faults.slice(0, 3)).toEqual([]);
});

/** A segment for each tick, and a snapshot after tick 3, as the exchange's worker would take it. */
async function withSnapshot(): Promise<WrittenJournal> {
  const made = await WrittenJournal.of(TICKS, 896);
  const state = new ExchangeState(made.symbolsMax);
  const reading = readJournal(made.walDir, createReplay(state), diskFileSystem, { through: 3 });
  const hash = { stateHash: state.core.stateHash(), symbolsMax: made.symbolsMax };
  writeSnapshot(made.snapshotDir, snapshotInfo(reading, hash), state.sections());
  return made;
}

describe("the newest", () => {
  const newest = (source: WrittenJournal, limit: number, filter: AuditFilter = {}, to?: number) => {
    const point = to === undefined ? undefined : ({ by: "sequence", value: to } as const);
    const { entries, hasEarlier } = newestAudit(source, point, filter, limit);
    return [entries.map(({ sequence }) => sequence), hasEarlier];
  };

  test("so many, oldest first, up to a place, and whether there are earlier ones", () => {
    expect(newest(journal, 4)).toEqual([[15, 16, 17, 18], true]);
    expect(newest(journal, 17)).toEqual([
      [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
      true,
    ]);
    expect(newest(journal, 18)[1]).toBe(false);
    expect(newest(journal, 3, { user: 1 })).toEqual([[5, 9, 15], true]);
    expect(newest(journal, 4, { user: 1 })).toEqual([[3, 5, 9, 15], false]);
    expect(newest(journal, 2, {}, 12)).toEqual([[11, 12], true]);
    expect(newest(journal, 2, { account: 7 })).toEqual([[], false]);
  });

  test("is read from the newest snapshot on, or from the first record if there are too few entries after the snapshot", async () => {
    using whole = await withSnapshot();
    const ticks: number[] = [];
    const read = (limit: number) =>
      newestAudit(whole, undefined, {}, limit, (tick) => ticks.push(tick)).entries.length;
    expect([read(8), ticks.splice(0)]).toEqual([8, [4, 5, 6]]);
    expect([read(11), ticks.splice(0)]).toEqual([11, [4, 5, 6, 1, 2, 3, 4, 5, 6]]);
    expect(newest(whole, 11)).toEqual(newest(journal, 11));
  });

  test("is what the journal still has", async () => {
    using pruned = await withSnapshot();
    rmSync(join(pruned.walDir, segmentName(1)));
    expect(newest(pruned, 100)).toEqual([[9, 10, 11, 12, 13, 14, 15, 16, 17, 18], true]);
    rmSync(pruned.snapshotDir, { recursive: true });
    expect(() => newest(pruned, 100)).toThrow(JournalStartMissingError);
  });
});

describe("a journal whose first segments are gone", () => {
  function entriesOf(source: WrittenJournal, range: JournalRange): AuditEntry[] {
    const entries: AuditEntry[] = [];
    readAudit(source, range, {}, (entry) => entries.push(entry) > 0);
    return entries;
  }

  test("is audited from the snapshot on, as if they were there", async () => {
    using whole = await withSnapshot();
    const from = { by: "tick", value: 4 } as const;
    const expected = audit({}, { from });
    expect(entriesOf(whole, { from })).toEqual(expected);
    for (const segment of [1, 2, 3]) rmSync(join(whole.walDir, segmentName(segment)));
    expect(entriesOf(whole, { from })).toEqual(expected);
    const [, { sequence }] = expected;
    expect(entriesOf(whole, { from: { by: "sequence", value: sequence } })).toEqual(
      expected.slice(1),
    );
  });

  test("is not audited or replayed from its middle", async () => {
    using pruned = await withSnapshot();
    rmSync(join(pruned.walDir, segmentName(1)));
    const message = `${pruned.walDir}: the journal begins with tick 2, because older segments were removed. Begin with a snapshot, of which the oldest is of tick 3, or put them back from the archive`;
    for (const range of [{}, { from: { by: "tick", value: 3 } }] as JournalRange[]) {
      const replay = () => replayJournal(pruned, range, () => true);
      expect(replay).toThrow(JournalStartMissingError);
      expect(replay).toThrow(message);
    }
  });
});
