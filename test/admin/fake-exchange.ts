/** A fake of the exchange that the admin API talks to: it records commands and answers as the test says. */

import type { AuditPages } from "../../src/admin/audit/audit-pages.ts";
import type { AdminContext } from "../../src/admin/routes.ts";
import type { AdminView } from "../../src/admin/view.ts";
import { CommandKind, orderNumber } from "../../src/core/command.ts";
import type { AccountSettings, SymbolRules } from "../../src/core/view.ts";
import { WindowRefused } from "../../src/maintenance/maintenance.ts";
import type { StateReply } from "../../src/protocol/schemas/admin-replies.ts";
import { PLAYER_GONE } from "../../src/protocol/schemas/market-data.ts";
import type { OrderStateResult } from "../../src/protocol/schemas/orders.ts";
import type { Result } from "../../src/protocol/schemas.ts";
import type { ControlCommand, ControlPort, ControlReply } from "../../src/router/control.ts";
import type { QueryName } from "../../src/trading/queries.ts";

const REPLY: ControlReply = {
  code: 0,
  detail: 0,
  because: [0, 0],
  count: 0,
  amount: 0,
  order: null,
  sequence: 1,
  tick: 9,
  timestamp: 1_700_000_000_000,
};

const SNAPSHOT = {
  file: "snapshot",
  tick: 9,
  seq: 20,
  state_hash: "00112233aabbccdd",
  bytes: 1,
  milliseconds: 2,
};

/** Answers a command instead of accepting it. Throws to be unavailable; returns undefined to accept. */
type Answer = (command: ControlCommand) => Partial<ControlReply> | undefined;

/** Lists SYMBOL_0 to SYMBOL_2. Reports as balance what was deposited, as if the account had nothing before. */
export class FakeExchange implements ControlPort, AdminView {
  /** Every command, without the operator who asked for it. */
  readonly commands: ControlCommand[] = [];
  /** By command: the operator who asked for it, if there was one. */
  readonly askedBy: (string | undefined)[] = [];
  answer: Answer = () => undefined;
  /** An audit that has no entries. */
  readonly audit: Pick<AuditPages, "page"> = { page: async () => "{}" };
  /** Takes a snapshot of tick 9, and has no archive. */
  readonly housekeeping = {
    takeSnapshot: async () => SNAPSHOT,
    pushArchive: async () => null,
  };
  /** The maintenance windows that were requested. Every one is called mnt_1. */
  readonly maintenance: AdminContext["maintenance"] = {
    list: () => [],
    schedule: async (window) => ({ id: "mnt_1", ...window, phase: "scheduled" }),
    cancel: async (id) => {
      throw new WindowRefused("", `There is no window ${id}`);
    },
  };
  readonly players = {
    sync: async () => ({ status: "ok" as const, since: 5 }),
    registry: { size: 3 },
  };
  readonly settings = [{ key: "gateway.port", value: 8080, source: "default" }];
  /** Every backup fails. */
  readonly backups: AdminContext["backups"] = {
    make: async () => {
      throw new Error("no backups here");
    },
  };
  /** Traced accounts, with the duration in milliseconds; two at most. */
  readonly traced = new Map<number, number>();
  readonly traces: AdminContext["traces"] = {
    start: (account, milliseconds) => {
      if (this.traced.size === 2) return null;
      this.traced.set(account, milliseconds);
      return 1_700_000_000_000 + milliseconds;
    },
    stop: (account) => void this.traced.delete(account),
  };
  /** Symbols whose players are reported as gone. */
  readonly gone = new Set<string>();
  /** What was logged. */
  readonly lines: object[] = [];
  readonly log: AdminContext["log"] = {
    info: (fields, message) => void this.lines.push({ ...fields, message }),
    warn: () => {},
    error: () => {},
  };
  /** There are no webhooks. */
  readonly webhooks: AdminContext["webhooks"] = {
    of: () => [],
    delete: async () => false,
    deadLetters: () => null,
    resend: () => null,
  };
  #accounts = 1;

  /** Answers after a turn of the event loop, as the tick does, so that requests can overlap. */
  async submit(command: ControlCommand): Promise<ControlReply> {
    const { by, ...plain } = command;
    this.commands.push(plain);
    this.askedBy.push(by);
    const told = this.answer(command);
    await new Promise(setImmediate);
    if (told !== undefined) return { ...REPLY, ...told };
    if (command.kind === CommandKind.OPEN_ACCOUNT) this.#accounts++;
    if (command.kind === CommandKind.CANCEL) return { ...REPLY, order: cancelled(command) };
    return { ...REPLY, amount: command.amount ?? 0 };
  }

  async read<T>(read: () => T): Promise<T> {
    return read();
  }

  nextAccount(): number {
    return this.#accounts;
  }

  symbolNumber(name: string): number {
    return ["SYMBOL_0", "SYMBOL_1", "SYMBOL_2"].indexOf(name);
  }

  accountExists(account: number): boolean {
    return account < this.#accounts;
  }

  /** Every symbol that is asked for exists. */
  async ask<M extends QueryName>(_method: M, { query = "" }: { query?: string }) {
    const symbols = PLAYERS.filter((player) => Object.values(player).join(" ").includes(query));
    const statusOf = (symbol: string): string => (this.gone.has(symbol) ? PLAYER_GONE : "Active");
    return {
      symbols: symbols.map((each) => ({ ...each, player_status: statusOf(each.symbol) })),
    } as unknown as Result<M>;
  }

  settingsOf(): AccountSettings {
    const shares = { openOrders: 0, ladderPages: 0, positions: 0, clientOrderIds: 0 };
    return { mayShort: false, hasOwnFees: false, shares };
  }

  feesOf(): { makerBps: number; takerBps: number } {
    return { makerBps: 0, takerBps: 0 };
  }

  symbolRules(): SymbolRules {
    return { orderQuantityMax: 7, priceBandBps: 0, priceBandWindowMs: 5 };
  }

  bandWith(): null {
    return null;
  }

  sharesTotal(): number {
    return 0;
  }

  async order(): Promise<null> {
    return null;
  }

  async state(parts = { symbols: true, hash: true }): Promise<StateReply> {
    return {
      tick: 9,
      seq: 20,
      ...(parts.hash && { state_hash: "00112233aabbccdd" }),
      trades: 0,
      accounts: 0,
      open_orders: 0,
      cash_total: 0,
      connections: { orders: 0 },
      status: "degraded",
      components: {
        journal: { status: "ok", since: 1 },
        players: { status: "degraded", reason: "no players", since: 2 },
      },
      symbol_states: { TRADING: 1 },
      ...(parts.symbols && { symbols: [STATED_SYMBOL] }),
    };
  }
}

const STATED_SYMBOL: NonNullable<StateReply["symbols"]>[number] = {
  symbol: "SYMBOL_0",
  state: "TRADING",
  best_bid: null,
  best_ask: null,
  last_price: null,
  shares_total: 0,
};

const PLAYERS = [0, 1, 2].map((number) => ({
  symbol: `SYMBOL_${number}`,
  ticker: `PLAYER${number}`,
  player_name: `Player ${number}`,
  team: "KC",
  position: "QB",
  player_id: String(number),
  number: null,
  state: "TRADING",
  price_increment: 1,
}));

function cancelled({ orderSlot = 0, orderGeneration = 0 }: ControlCommand): OrderStateResult {
  return {
    order_id: `ord_${orderNumber(orderSlot, orderGeneration)}`,
    symbol: "SYMBOL_1",
    side: "BUY",
    type: "LIMIT",
    time_in_force: "GTC",
    price: 150,
    quantity: 10,
    filled_quantity: 0,
    status: "CANCELLED",
    reason: "OPERATOR",
    created_at: REPLY.timestamp,
    timestamp: REPLY.timestamp,
    tick: REPLY.tick,
  };
}
