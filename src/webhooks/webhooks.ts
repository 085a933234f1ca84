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
import { parseTarget, resolveTarget, type Target, TargetRefused } from "./target.ts";

export const HOOKS_PER_USER_MAX = 10;
const HOOKS_MAX = 10_000;
/** Posts under way at once, of all and of a user, and in a second: the exchange's own thread makes them. */
const IN_FLIGHT_MAX = 16;
const IN_FLIGHT_PER_USER_MAX = 2;
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
const ERROR_CHARACTERS_MAX = 100;

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
  /** Whether a user, by number, may use the exchange. */
  isEnabled(user: number): boolean;
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
  /** `seq` of dead letters that are to be sent again, oldest first. */
  letters: number[];
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
  /** Those that have something to send, in the order of their turns: one post each. */
  readonly #ready = new Set<Hook>();
  /** Posts under way, by user. */
  readonly #inFlightOf = new Map<number, number>();
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
    await this.#resolve(url);
    return this.#saves.run(() => this.#create(user, account, url, wanted.events));
  }

  async #create(
    user: number,
    account: number,
    url: URL,
    events: readonly WebhookEvent[],
  ): Promise<ShownHook & { secret: string }> {
    if (this.of(user).length >= HOOKS_PER_USER_MAX || this.#hooks.size >= HOOKS_MAX) {
      throw new HooksFull(`At most ${HOOKS_PER_USER_MAX} webhooks a user`);
    }
    const hook: Hook = {
      id: `whk_${this.#next}`,
      user,
      account,
      url: url.href,
      secret: `whs_${randomBytes(32).toString("hex")}`,
      events: [...new Set(events)],
      created_at: this.#parts.now(),
      cursor: this.#parts.streams.lastSeq(account),
      dead: [],
    };
    await this.#write([...this.#hooks.values(), hook], this.#next + 1);
    this.#next++;
    this.#hooks.set(hook.id, hook);
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
  delete(id: string, user?: number): Promise<boolean> {
    return this.#saves.run(async () => {
      const hook = this.#find(id, user);
      if (hook === null) return false;
      await this.#write([...this.#hooks.values()].filter((each) => each !== hook));
      this.#hooks.delete(hook.id);
      return true;
    });
  }

  /** Null: there is no such webhook. */
  deadLetters(id: string, user?: number): readonly DeadLetter[] | null {
    return this.#find(id, user)?.dead ?? null;
  }

  /**
   * Has dead letters sent again, oldest first, until one fails, before newer events: how many, of those that are still
   * kept. Each stays on the list until it is taken. Null: no such webhook.
   */
  resend(id: string, user?: number): { queued: number } | null {
    const hook = this.#find(id, user);
    if (hook === null) return null;
    const oldest = this.#parts.streams.oldestSeq(hook.account);
    const progress = this.#of(hook);
    progress.letters = hook.dead.map(({ seq }) => seq).filter((seq) => seq >= oldest);
    progress.letters.sort((a, b) => a - b);
    progress.nextAt = 0;
    return { queued: progress.letters.length };
  }

  #find(id: string, user: number | undefined): Hook | null {
    const hook = this.#hooks.get(id);
    return hook !== undefined && (user === undefined || hook.user === user) ? hook : null;
  }

  #look(): void {
    const now = this.#parts.monotonic();
    for (const hook of this.#hooks.values()) {
      const { isBusy, nextAt } = this.#of(hook);
      if (!isBusy && now >= nextAt && this.#hasMore(hook)) this.#ready.add(hook);
    }
    this.#begin();
  }

  #hasMore(hook: Hook): boolean {
    const { streams } = this.#parts;
    return hook.cursor < streams.lastSeq(hook.account) || this.#of(hook).letters.length > 0;
  }

  /** Begins as many posts as there may be. */
  #begin(): void {
    for (const hook of this.#ready) {
      if (this.#isStopped || this.#inFlight >= IN_FLIGHT_MAX) return;
      if (this.#posts >= POSTS_PER_SECOND_MAX) return;
      if (!this.#parts.isEnabled(hook.user)) {
        this.#ready.delete(hook);
        continue;
      }
      if ((this.#inFlightOf.get(hook.user) ?? 0) >= IN_FLIGHT_PER_USER_MAX) continue;
      this.#ready.delete(hook);
      if (this.#hooks.get(hook.id) === hook) void this.#turn(hook);
    }
  }

  async #turn(hook: Hook): Promise<void> {
    const progress = this.#of(hook);
    progress.isBusy = true;
    this.#count(hook, 1);
    try {
      const isTaken = await this.#deliver(hook, progress);
      // Behind the others.
      if (isTaken && this.#hasMore(hook)) this.#ready.add(hook);
    } finally {
      progress.isBusy = false;
      this.#count(hook, -1);
      this.#begin();
    }
  }

  #count({ user }: Hook, change: 1 | -1): void {
    this.#inFlight += change;
    const count = (this.#inFlightOf.get(user) ?? 0) + change;
    if (count === 0) this.#inFlightOf.delete(user);
    else this.#inFlightOf.set(user, count);
  }

  /** Posts a dead letter that is asked for, or the next event: whether the next may follow at once. */
  async #deliver(hook: Hook, progress: Progress): Promise<boolean> {
    const [letter] = progress.letters;
    const event = letter === undefined ? this.#nextOf(hook) : null;
    const seq = letter ?? event?.seq;
    if (seq === undefined) return false;
    this.#posts++;
    const error = await this.#send(hook, seq);
    progress.error = error;
    if (error === null) progress.failures = 0;
    if (event === null) return this.#onLetter(hook, progress, seq, error);
    if (error === null) {
      this.#moveTo(hook, seq);
      return true;
    }
    if (this.#parts.now() - event.timestamp >= GIVEN_UP_MS) {
      this.#bury(hook, seq, error);
      return true;
    }
    const random = this.#parts.random ?? Math.random;
    const wait = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** progress.failures);
    progress.failures++;
    progress.nextAt = this.#parts.monotonic() + wait * (0.5 + random() / 2);
    return false;
  }

  #onLetter(hook: Hook, progress: Progress, seq: number, error: string | null): boolean {
    if (error !== null) {
      progress.letters = [];
      return false;
    }
    progress.letters = progress.letters.filter((each) => each !== seq);
    hook.dead = hook.dead.filter((each) => each.seq !== seq);
    this.#isChanged = true;
    return true;
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
    const { now } = this.#parts;
    const message = this.#message(hook, seq);
    if (message === null) return "not kept any more";
    const { id, body } = message;
    const timestamp = String(now());
    const signature = createHmac("sha256", hook.secret)
      .update(`${timestamp}.${body}`)
      .digest("hex");
    try {
      const target = await this.#resolve(new URL(hook.url));
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
      return reasonOf(error);
    }
  }

  async #resolve(url: URL): Promise<Target> {
    try {
      return await resolveTarget(url, this.#parts.allowedNetworks);
    } catch (error) {
      if (error instanceof TargetRefused && error.detail !== undefined) {
        this.#parts.log.info({ detail: error.detail }, "webhook refused");
      }
      throw error;
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
      progress = { isBusy: false, failures: 0, nextAt: 0, error: null, letters: [] };
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
    return this.#saves.run(() => {
      this.#isChanged = false;
      return this.#write([...this.#hooks.values()]);
    });
  }

  #write(hooks: Hook[], next = this.#next): Promise<void> {
    return writeHookFile(this.#path, { version: 1, next, hooks });
  }

  #warn(error: unknown): void {
    this.#isChanged = true;
    this.#parts.log.warn({ error: String(error) }, "webhooks cannot be written");
  }
}

/** Why a post failed, for the webhook's user: the system's own words would name the address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, ERROR_CHARACTERS_MAX);
  const reason = "code" in error ? String(error.code) : error.message;
  return reason.slice(0, ERROR_CHARACTERS_MAX);
}
