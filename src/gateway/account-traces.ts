/**
 * Accounts whose commands and outcomes go to the log, because an operator asked for it: each command with its outcome,
 * each request that was refused before it became a command, and each event of the account's stream. Tracing is not in
 * the journal. It ends after a time, and at a restart.
 */
import { EventKind } from "../core/event.ts";
import type { TickOutput } from "../core/tick-output.ts";
import type { Clocks } from "../lib/clocks.ts";
import { LineBudget } from "../lib/line-budget.ts";
import type { Log } from "../lib/log.ts";
import type { CommandBatch } from "../persistence/backend.ts";
import type { ErrorBody } from "../protocol/errors.ts";
import { accountName } from "../protocol/names.ts";
import type { AccountStreams } from "../records/account-streams.ts";
import { commandAccount, commandObject } from "../router/command-json.ts";
import { UserDataEvents } from "./websocket/user-data-events.ts";

/** Accounts that can be traced at once. */
export const TRACED_MAX = 16;
/** Log lines of one account. Lines beyond that are only counted. */
const LINES_PER_SECOND = 100;

export interface AccountTracesParts extends Clocks {
  streams: AccountStreams;
  log: Log;
}

/**
 * How a log line names a refused request: by the id of a WebSocket's request, by method and path of a route, or by an
 * order's place in its batch, from 0 on.
 */
export type RefusedRequest =
  | { readonly id: unknown }
  | { readonly route: string }
  | { readonly order: number };

interface Trace {
  /** When tracing ends, milliseconds of the monotonic clock. */
  readonly end: number;
  readonly budget: LineBudget;
  /** Number of the last event that was logged. */
  seq: number;
}

export class AccountTraces {
  readonly #parts: AccountTracesParts;
  readonly #events: UserDataEvents;
  readonly #traces = new Map<number, Trace>();

  constructor(parts: AccountTracesParts) {
    this.#parts = parts;
    this.#events = new UserDataEvents(parts.streams);
  }

  /** Whether any account is traced. */
  get isOn(): boolean {
    return this.#traces.size !== 0;
  }

  /**
   * Traces an account for `milliseconds`. Returns when that ends, milliseconds since 1970; null when too many accounts are
   * traced already.
   */
  start(account: number, milliseconds: number): number | null {
    this.#endExpired();
    if (this.#traces.size === TRACED_MAX && !this.#traces.has(account)) return null;
    const { streams, monotonic, now } = this.#parts;
    this.#traces.set(account, {
      end: monotonic() + milliseconds,
      budget: new LineBudget(LINES_PER_SECOND, monotonic),
      seq: streams.lastSeq(account),
    });
    return now() + milliseconds;
  }

  stop(account: number): void {
    this.#traces.delete(account);
  }

  /** Called with each durable tick, after its answers and events were sent. */
  onTick(batch: CommandBatch, output: TickOutput): void {
    if (!this.isOn) return;
    this.#endExpired();
    for (let i = 0; i < batch.count; i++) {
      const account = commandAccount(batch, batch.first + i);
      const trace = this.#traces.get(account);
      if (trace?.budget.take()) this.#logCommand(account, trace, batch, i, output);
    }
    for (const [account, trace] of this.#traces) this.#logEvents(account, trace);
  }

  /**
   * Called for a request that was refused before it became a command. `account` is the account of its login, `which` names
   * the request in the log.
   */
  onRefused(account: number, which: RefusedRequest, { code, message, details }: ErrorBody): void {
    const trace = this.#traces.get(account);
    if (!trace?.budget.take()) return;
    this.#log(account, trace, { ...which, code, why: message, details }, "trace: request refused");
  }

  #logCommand(
    account: number,
    trace: Trace,
    batch: CommandBatch,
    index: number,
    { events, replies }: TickOutput,
  ): void {
    const e = replies[index];
    const code = events.kind(e) === EventKind.REJECT ? events.code(e) : 0;
    // Every log line has a time already, so the command's own comes late in the line.
    const { timestamp, ...command } = commandObject(batch, batch.first + index, batch.tick);
    this.#log(account, trace, { ...command, timestamp, code }, "trace: command");
  }

  #logEvents(account: number, trace: Trace): void {
    const { streams } = this.#parts;
    const last = streams.lastSeq(account);
    const from = Math.max(trace.seq + 1, streams.oldestSeq(account));
    trace.seq = last;
    if (from > last) return;
    streams.replay(account, from, (seq, at) => {
      if (!trace.budget.take()) return true;
      const { data } = JSON.parse(this.#events.encode(account, seq, at, "json") as string);
      this.#log(account, trace, { event: data }, "trace: event");
      return true;
    });
  }

  #log(account: number, { budget }: Trace, fields: object, message: string): void {
    const line = { account: accountName(account), ...fields, ...budget.leftOut() };
    this.#parts.log.info(line, message);
  }

  #endExpired(): void {
    const now = this.#parts.monotonic();
    for (const [account, { end }] of this.#traces) {
      if (now < end) continue;
      this.#traces.delete(account);
      this.#parts.log.info({ account: accountName(account) }, "trace: over");
    }
  }
}
