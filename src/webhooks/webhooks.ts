/**
 * Webhooks: the events of an account's stream, posted to its owner's URL one after the other. Nothing is queued: what is
 * to be sent is read from the stream, from the cursor on, so a crash repeats at most what was under way.
 *
 * ```
 *   account stream   … 41 42 43 44 45 …
 *                          ▲ cursor: 42 is done with
 *                            43 is posted ─┬─ 2xx: the cursor moves
 *                                          └─ else: again after 1 s, 2 s, … an hour, with jitter,
 *                                             until it is a day old: a dead letter, the cursor moves
 * ```
 */
import { createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import { UserDataEvents } from "../gateway/websocket/user-data-events.ts";
import type { Network } from "../lib/ip-address.ts";
import type { Log } from "../lib/log.ts";
import { Serial } from "../lib/serial.ts";
import { accountName } from "../protocol/names.ts";
import { type AccountStreams, StreamKind } from "../records/account-streams.ts";
import {
  type DeadLetter,
  type Hook,
  readHookFile,
  WEBHOOKS_FILE,
  type WebhookEvent,
  writeHookFile,
} from "./hook.ts";
import { post } from "./post.ts";
import { parseTarget, resolveTarget } from "./target.ts";

export const HOOKS_PER_USER_MAX = 10;
const HOOKS_MAX = 10_000;
/** Posts under way at once, and in a second: the exchange's own thread makes them. */
const IN_FLIGHT_MAX = 16;
const POSTS_PER_SECOND_MAX = 500;
/** How often it is looked for new events, and how often cursors are written. */
const LOOK_MS = 200;
const SAVE_MS = 1000;
/** Events looked at of a webhook that wants few of them, before others have their turn. */
const EVENTS_AT_ONCE = 1000;
const RETRY_MS = 1000;
const RETRY_MS_MAX = 3_600_000;
/** Age of an event from which on it is tried no more. */
const GIVEN_UP_MS = 86_400_000;
/** Dead letters kept of a webhook; beyond it the oldest are forgotten. */
const DEAD_LETTERS_MAX = 1000;

const EVENT_OF_KIND: Readonly<Record<number, WebhookEvent>> = {
  [StreamKind.ORDER]: "order",
  [StreamKind.BALANCE]: "balance",
  [StreamKind.POSITION]: "position",
};

export interface WebhooksParts {
  streams: AccountStreams;
  dataDir: string;
  /** Networks that would be refused, and http to them. */
  allowedNetworks: readonly Network[];
  log: Log;
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since whenever, never set back. */
  monotonic(): number;
  /** From 0 to below 1. */
  random?(): number;
}

/** How a webhook gets on; not kept. */
interface Progress {
  isBusy: boolean;
  failures: number;
  /** By the monotonic clock. */
  nextAt: number;
  error: string | null;
}

export interface ShownHook {
  webhook_id: string;
  user_id: string;
  account_id: string;
  url: string;
  events: WebhookEvent[];
  created_at: number;
  /** The last event that is done with. */
  seq: number;
  dead_letters: number;
  /** Attempts in a row that went wrong. */
  failures: number;
  /** Of the last attempt; null when it went well. */
  error: string | null;
}

export class HooksFull extends Error {
  override readonly name = "HooksFull";
}

export class Webhooks {
  readonly #parts: WebhooksParts;
  readonly #path: string;
  readonly #events: UserDataEvents;
  readonly #hooks: Map<string, Hook>;
  readonly #progress = new WeakMap<Hook, Progress>();
  readonly #saves = new Serial();
  #next: number;
  #inFlight = 0;
  #posts = 0;
  #isChanged = false;
  #isStopped = false;
  readonly #timers: Timer[] = [];

  /** Throws when the file cannot be used. */
  constructor(parts: WebhooksParts) {
    this.#parts = parts;
    this.#path = join(parts.dataDir, WEBHOOKS_FILE);
    const { next, hooks } = readHookFile(this.#path);
    this.#next = Math.max(1, next);
    this.#hooks = new Map(hooks.map((hook) => [hook.id, hook]));
    this.#events = new UserDataEvents(parts.streams);
    // After a restore to an earlier moment, what comes now is new.
    for (const hook of hooks)
      hook.cursor = Math.min(hook.cursor, parts.streams.lastSeq(hook.account));
  }

  start(): void {
    const every = (ms: number, work: () => void): void =>
      void this.#timers.push(setInterval(work, ms));
    every(LOOK_MS, () => this.#look());
    every(SAVE_MS, () => {
      this.#posts = 0;
      if (this.#isChanged) void this.#save().catch((error) => this.#warn(error));
    });
  }

  /** Starts nothing more, and writes how far it has come. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    if (this.#isChanged) await this.#save();
  }

  /**
   * Makes one; its secret is shown this once. Events from now on are sent. Rejects with `TargetRefused` or `HooksFull`.
   */
  async create(
    user: number,
    account: number,
    wanted: { url: string; events: readonly WebhookEvent[] },
  ): Promise<ShownHook & { secret: string }> {
    const url = parseTarget(wanted.url);
    // What a name leads to later is looked at at each post; this tells the user at once.
    await resolveTarget(url, this.#parts.allowedNetworks);
    if (this.of(user).length >= HOOKS_PER_USER_MAX || this.#hooks.size >= HOOKS_MAX) {
      throw new HooksFull(`At most ${HOOKS_PER_USER_MAX} webhooks a user`);
    }
    const hook: Hook = {
      id: `whk_${this.#next++}`,
      user,
      account,
      url: url.href,
      secret: `whs_${randomBytes(32).toString("hex")}`,
      events: [...new Set(wanted.events)],
      created_at: this.#parts.now(),
      cursor: this.#parts.streams.lastSeq(account),
      dead: [],
    };
    this.#hooks.set(hook.id, hook);
    await this.#save();
    return { ...this.#show(hook), secret: hook.secret };
  }

  /** Those of a user, or of all. */
  of(user?: number): ShownHook[] {
    const hooks = [...this.#hooks.values()];
    return hooks
      .filter((hook) => user === undefined || hook.user === user)
      .map((hook) => this.#show(hook));
  }

  /** Whether there was one. `user`: whose it has to be; anybody's when absent. */
  async delete(id: string, user?: number): Promise<boolean> {
    const hook = this.#find(id, user);
    if (hook === null) return false;
    this.#hooks.delete(hook.id);
    await this.#save();
    return true;
  }

  /** Null: there is no such webhook. */
  deadLetters(id: string, user?: number): readonly DeadLetter[] | null {
    return this.#find(id, user)?.dead ?? null;
  }

  /** Sends dead letters again, oldest first, at once: how many went and how many are left. Null: no such webhook. */
  async resend(id: string, user?: number): Promise<{ sent: number; left: number } | null> {
    const hook = this.#find(id, user);
    if (hook === null) return null;
    let sent = 0;
    for (const letter of hook.dead.toSorted((a, b) => a.seq - b.seq)) {
      const error = await this.#send(hook, letter.seq);
      if (error !== null) break;
      hook.dead = hook.dead.filter(({ seq }) => seq !== letter.seq);
      sent++;
    }
    await this.#save();
    return { sent, left: hook.dead.length };
  }

  #find(id: string, user: number | undefined): Hook | null {
    const hook = this.#hooks.get(id);
    return hook !== undefined && (user === undefined || hook.user === user) ? hook : null;
  }

  #look(): void {
    const now = this.#parts.monotonic();
    for (const hook of this.#hooks.values()) {
      if (this.#isStopped || this.#inFlight >= IN_FLIGHT_MAX) return;
      const progress = this.#of(hook);
      if (progress.isBusy || now < progress.nextAt) continue;
      if (hook.cursor >= this.#parts.streams.lastSeq(hook.account)) continue;
      progress.isBusy = true;
      this.#inFlight++;
      // Whoever was served comes after the others.
      this.#hooks.delete(hook.id);
      this.#hooks.set(hook.id, hook);
      void this.#deliver(hook, progress).finally(() => {
        progress.isBusy = false;
        this.#inFlight--;
      });
    }
  }

  /** Posts events until there are no more, one fails, or others wait. */
  async #deliver(hook: Hook, progress: Progress): Promise<void> {
    while (!this.#isStopped && this.#hooks.get(hook.id) === hook) {
      const event = this.#nextOf(hook);
      if (event === null) return;
      if (this.#posts >= POSTS_PER_SECOND_MAX) return;
      this.#posts++;
      const error = await this.#send(hook, event.seq);
      progress.error = error;
      if (error === null) {
        progress.failures = 0;
        this.#moveTo(hook, event.seq);
        continue;
      }
      if (this.#parts.now() - event.timestamp >= GIVEN_UP_MS) {
        this.#bury(hook, event.seq, error);
        continue;
      }
      const random = this.#parts.random ?? Math.random;
      const wait = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** progress.failures);
      progress.failures++;
      progress.nextAt = this.#parts.monotonic() + wait * (0.5 + random() / 2);
      return;
    }
  }

  /** The next event that the webhook wants; passes over others, and over what is not kept any more. */
  #nextOf(hook: Hook): { seq: number; timestamp: number } | null {
    const { streams } = this.#parts;
    const oldest = streams.oldestSeq(hook.account);
    if (hook.cursor + 1 < oldest)
      this.#bury(hook, oldest - 1, `not kept from ${hook.cursor + 1} on`);
    let found: { seq: number; timestamp: number } | null = null;
    let looked = 0;
    streams.replay(hook.account, hook.cursor + 1, (seq, at) => {
      const kind = EVENT_OF_KIND[streams.kind(at)];
      if (kind !== undefined && hook.events.includes(kind)) {
        found = { seq, timestamp: streams.timestamp(at) };
        return false;
      }
      this.#moveTo(hook, seq);
      return ++looked < EVENTS_AT_ONCE;
    });
    return found;
  }

  /** Null when it was taken, or why not. */
  async #send(hook: Hook, seq: number): Promise<string | null> {
    const { allowedNetworks, now } = this.#parts;
    const message = this.#message(hook, seq);
    if (message === null) return "not kept any more";
    const { id, body } = message;
    const timestamp = String(now());
    const signature = createHmac("sha256", hook.secret)
      .update(`${timestamp}.${body}`)
      .digest("hex");
    try {
      const target = await resolveTarget(new URL(hook.url), allowedNetworks);
      const status = await post(
        target,
        {
          "X-Waiver-Delivery": id,
          "X-Waiver-Timestamp": timestamp,
          "X-Waiver-Signature": `v1=${signature}`,
        },
        body,
      );
      return status >= 200 && status < 300 ? null : `status ${status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #message(hook: Hook, seq: number): { id: string; body: string } | null {
    const { streams } = this.#parts;
    if (seq < streams.oldestSeq(hook.account) || seq > streams.lastSeq(hook.account)) return null;
    const id = `${hook.id}-${accountName(hook.account)}-${seq}`;
    let push = "";
    streams.replay(hook.account, seq, (each, at) => {
      push = this.#events.encode(hook.account, each, at, "json") as string;
      return false;
    });
    // The push as it was sent on /user-data, with the delivery's own members before it.
    const own = { id, webhook_id: hook.id, account_id: accountName(hook.account) };
    return { id, body: `${JSON.stringify(own).slice(0, -1)},${push.slice(1)}` };
  }

  #bury(hook: Hook, seq: number, error: string): void {
    hook.dead.push({ seq, failed_at: this.#parts.now(), error });
    if (hook.dead.length > DEAD_LETTERS_MAX) hook.dead.shift();
    this.#moveTo(hook, seq);
    this.#parts.log.warn({ webhook: hook.id, seq, error }, "webhook given up");
  }

  #moveTo(hook: Hook, seq: number): void {
    hook.cursor = seq;
    this.#isChanged = true;
  }

  #of(hook: Hook): Progress {
    let progress = this.#progress.get(hook);
    if (progress === undefined) {
      progress = { isBusy: false, failures: 0, nextAt: 0, error: null };
      this.#progress.set(hook, progress);
    }
    return progress;
  }

  #show(hook: Hook): ShownHook {
    return {
      webhook_id: hook.id,
      user_id: `usr_${hook.user}`,
      account_id: accountName(hook.account),
      url: hook.url,
      events: hook.events,
      created_at: hook.created_at,
      seq: hook.cursor,
      dead_letters: hook.dead.length,
      failures: this.#of(hook).failures,
      error: this.#of(hook).error,
    };
  }

  #save(): Promise<void> {
    return this.#saves.run(async () => {
      this.#isChanged = false;
      const hooks = [...this.#hooks.values()];
      await writeHookFile(this.#path, { version: 1, next: this.#next, hooks });
    });
  }

  #warn(error: unknown): void {
    this.#isChanged = true;
    this.#parts.log.warn({ error: String(error) }, "webhooks cannot be written");
  }
}
