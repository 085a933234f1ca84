/** Deliveries: each is one event of an account's stream, signed and posted to a webhook's URL. */
import { createHmac } from "node:crypto";
import { UserDataEvents } from "../gateway/websocket/user-data-events.ts";
import type { Network } from "../lib/ip-address.ts";
import type { Log } from "../lib/log.ts";
import { accountName } from "../protocol/names.ts";
import type { AccountStreams } from "../records/account-streams.ts";
import type { Connections } from "./connections.ts";
import { type Hook, hookName } from "./hook.ts";
import { resolveTarget, type Target, TargetRefused } from "./target.ts";

const ERROR_CHARACTERS_MAX = 100;

export interface DeliveriesParts {
  streams: AccountStreams;
  /** Private networks that webhooks may lead to, also over http. */
  allowedNetworks: readonly Network[];
  log: Log;
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds by a clock that is never set back. */
  monotonic(): number;
  /** How long a post waits for its answer; 10 s by default. */
  timeoutMs?: number;
}

export class Deliveries {
  readonly #parts: DeliveriesParts;
  readonly #events: UserDataEvents;
  #connections: Connections | null = null;
  #isClosed = false;

  constructor(parts: DeliveriesParts) {
    this.#parts = parts;
    this.#events = new UserDataEvents(parts.streams);
  }

  /** Looks up where a URL leads. Rejects with `TargetRefused` when a webhook may not lead there, or as the resolver does. */
  async resolve(url: URL): Promise<Target> {
    try {
      return await resolveTarget(url, this.#parts.allowedNetworks);
    } catch (error) {
      if (error instanceof TargetRefused && error.detail !== undefined) {
        this.#parts.log.info({ detail: error.detail }, "webhook refused");
      }
      throw error;
    }
  }

  /** Posts the event `seq` of the webhook's account. Resolves with null when it was accepted (2xx), otherwise with the reason. */
  async send(hook: Hook, seq: number): Promise<string | null> {
    const message = this.#message(hook, seq);
    if (message === null) return "not kept any more";
    const { id, body } = message;
    const timestamp = String(this.#parts.now());
    const signature = createHmac("sha256", hook.secret)
      .update(`${timestamp}.${body}`)
      .digest("hex");
    const headers = {
      "X-Waiver-Delivery": id,
      "X-Waiver-Timestamp": timestamp,
      "X-Waiver-Signature": `v1=${signature}`,
    };
    try {
      const target = await this.resolve(new URL(hook.url));
      const connections = await this.#opened();
      const status = await connections.post(hook.number, target, headers, body);
      return status >= 200 && status < 300 ? null : `status ${status}`;
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** Closes connections that have been idle for a while. */
  sweep(): void {
    this.#connections?.sweep();
  }

  /** Closes all connections; one on which an answer is awaited is closed after the answer. */
  close(): void {
    this.#isClosed = true;
    this.#connections?.close();
  }

  async #opened(): Promise<Connections> {
    // Imported when it is needed first: it loads Node's sockets, which a start needs for nothing else.
    const module = await import("./connections.ts");
    this.#connections ??= new module.Connections(this.#parts);
    if (this.#isClosed) this.#connections.close();
    return this.#connections;
  }

  #message(hook: Hook, seq: number): { id: string; body: string } | null {
    const { streams } = this.#parts;
    if (seq < streams.oldestSeq(hook.account) || seq > streams.lastSeq(hook.account)) return null;
    const account_id = accountName(hook.account);
    const webhook_id = hookName(hook.number);
    let push = "";
    let time = 0;
    streams.replay(hook.account, seq, (each, at) => {
      push = this.#events.encode(hook.account, each, at, "json") as string;
      time = streams.timestamp;
      return false;
    });
    // After a restore to an earlier moment, other events get numbers that were told before.
    const id = `${webhook_id}-${account_id}-${seq}-${time}`;
    // The message as it is pushed on /user-data, with the delivery's own members in front.
    const own = { id, webhook_id, account_id };
    return { id, body: `${JSON.stringify(own).slice(0, -1)},${push.slice(1)}` };
  }
}

/** Why a post failed, for the webhook's user. The system's message would tell him the address, so its code is used. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, ERROR_CHARACTERS_MAX);
  const reason = "code" in error ? String(error.code) : error.message;
  return reason.slice(0, ERROR_CHARACTERS_MAX);
}
