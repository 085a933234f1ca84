/**
 * Webhooks: the events of an account's stream, posted to its owner's URL one after the other. Nothing is queued: what is
 * to be sent is read from the stream, from the cursor on, so a crash repeats at most what was under way.
 *
 * ```
 *   account stream   … 41 42 43 44 45 …
 *                          ▲ cursor: 42 is done with
 *                            43 is posted ─┬─ 2xx: the cursor moves
 *                                          └─ else: again after 1 s, 2 s, … an hour, with jitter,
 *                                             until it is a day old and enough have failed: a dead
 *                                             letter, the cursor moves
 * ```
 */
import { randomBytes } from "node:crypto";
import type { Static } from "@sinclair/typebox";
import { userId } from "../identity/user.ts";
import { Serial } from "../lib/serial.ts";
import { UntilRestart } from "../lib/until-restart.ts";
import { accountName } from "../protocol/names.ts";
import type { ListedWebhook } from "../protocol/schemas/webhooks.ts";
import { StreamKind } from "../records/stream-event.ts";
import { Deliveries, type DeliveriesParts } from "./deliveries.ts";
import { type DeadLetter, type Hook, hookName, hookNumber, type WebhookEvent } from "./hook.ts";
import { HookStore, type NewHook } from "./hook-store.ts";
import { parseTarget } from "./target.ts";
import type { Standing } from "./webhook-standing.ts";

const HOOKS_PER_USER_MAX = 10;
/** Of all users; the last thousand are for users who have none. */
const HOOKS_MAX = 10_000;
const HOOKS_RESERVED = 1000;
/**
 * Posts under way at once, those of them that have begun within `YOUNG_MS`, and those of a user; and posts in a second. The
 * exchange's own thread begins them; to wait for an answer costs it nothing, so receivers that are slow hold up few others.
 */
const IN_FLIGHT_MAX = 64;
const YOUNG_MAX = 16;
const YOUNG_MS = 1000;
const IN_FLIGHT_PER_USER_MAX = 2;
const POSTS_PER_SECOND_MAX = 500;
/** How often it is looked for new events and cursors are noted, and how often those are brought to the disk. */
const LOOK_MS = 200;
const SYNC_MS = 1000;
/** Cursors noted at one look. */
const MOVED_AT_ONCE = 500;
/** Events looked at of a webhook that wants few of them, before others have their turn. */
const EVENTS_AT_ONCE = 1000;
const RETRY_MS = 1000;
const RETRY_MS_MAX = 3_600_000;
/**
 * Age of an event from which on it is tried no more, when its webhook has failed so often in a row, for half an hour: a clock
 * that jumps, or an exchange that was down for a day, makes no dead letters at the first attempt.
 */
const GIVEN_UP_MS = 86_400_000;
const GIVEN_UP_FAILURES = 12;

const EVENT_OF_KIND: Readonly<Record<number, WebhookEvent>> = {
  [StreamKind.ORDER]: "order",
  [StreamKind.BALANCE]: "balance",
  [StreamKind.POSITION]: "position",
};

export interface WebhooksParts extends DeliveriesParts {
  dataDir: string;
  /** Its id. */
  exchange: string;
  /** Whether a user, by number, and the key that a webhook was made with, if any, may be used. */
  standing(user: number, apiKey: string | null): Standing;
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

type ShownHook = Static<typeof ListedWebhook>;

export class HooksFull extends Error {
  override readonly name = "HooksFull";
}

/** Why a user who has `own` of `all` webhooks may not have another; null where he may. */
export function whyFull(own: number, all: number): string | null {
  if (own >= HOOKS_PER_USER_MAX) return `At most ${HOOKS_PER_USER_MAX} webhooks a user`;
  if (all >= HOOKS_MAX) return `The exchange has ${HOOKS_MAX} webhooks, as many as it can have`;
  const left = HOOKS_MAX - all;
  if (own === 0 || left > HOOKS_RESERVED) return null;
  return `Only ${left} webhooks are left of ${HOOKS_MAX}: they are for users who have none`;
}

export type WantedHook = Pick<Hook, "user" | "account" | "apiKey" | "url" | "events">;

export class Webhooks {
  readonly #parts: WebhooksParts;
  readonly #store: HookStore;
  readonly #deliveries: Deliveries;
  /** By number. */
  readonly #hooks: Map<number, Hook>;
  /** Those that the file still has, by number. */
  readonly #deletedUntilRestart = new Map<number, Hook>();
  readonly #progress = new WeakMap<Hook, Progress>();
  readonly #changes = new Serial();
  /** Those that have something to send, in the order of their turns: one post each. */
  readonly #ready = new Set<Hook>();
  /** Those whose cursor is not noted yet. */
  readonly #moved = new Set<Hook>();
  /** Posts under way, by user. */
  readonly #inFlightOf = new Map<number, number>();
  #inFlight = 0;
  #young = 0;
  #posts = 0;
  #isStopped = false;
  /** Why nothing can be written, as the log has it already. */
  #told: string | null = null;
  readonly #timers: Timer[] = [];

  /** Throws when its file cannot be used. */
  constructor(parts: WebhooksParts) {
    this.#parts = parts;
    this.#store = new HookStore(parts.dataDir, parts.exchange);
    this.#deliveries = new Deliveries(parts);
    this.#hooks = new Map(this.#store.hooks().map((hook) => [hook.number, hook]));
    // After a restore to an earlier moment, what comes now is new.
    for (const hook of this.#hooks.values())
      hook.cursor = Math.min(hook.cursor, parts.streams.lastSeq(hook.account));
  }

  start(): void {
    this.endOver();
    const every = (ms: number, work: () => void): void =>
      void this.#timers.push(setInterval(work, ms));
    every(LOOK_MS, () => this.#look());
    every(SYNC_MS, () => {
      this.#posts = 0;
      this.#deliveries.sweep();
      this.#store.flush().catch((error) => this.#warn(error));
      if (this.trouble() === null) this.#told = null;
    });
  }

  /** Starts nothing more, and notes how far it has come. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#deliveries.close();
    await this.#changes.run(async () => {
      this.#noteMoved(this.#moved.size);
      await this.#store.flush();
      this.#store.close();
    });
  }

  /**
   * Makes one; its secret is shown this once. Events from now on are sent. Rejects with `TargetRefused` or `HooksFull`.
   */
  async create({
    user,
    account,
    apiKey,
    url,
    events,
  }: WantedHook): Promise<ShownHook & { secret: string }> {
    const target = parseTarget(url);
    // What a name leads to later is looked at at each post; this tells the user at once.
    await this.#deliveries.resolve(target);
    return this.#changes.run(async () => {
      const full = whyFull(this.of(user).length, this.#hooks.size);
      if (full !== null) throw new HooksFull(full);
      const wanted: NewHook = {
        ...{ user, account, apiKey, url: target.href },
        secret: `whs_${randomBytes(32).toString("hex")}`,
        events: [...new Set(events)],
        createdAt: this.#parts.now(),
        cursor: this.#parts.streams.lastSeq(account),
        dead: 0,
      };
      const hook: Hook = { ...wanted, number: await this.#store.insert(wanted) };
      this.#hooks.set(hook.number, hook);
      return { ...this.#show(hook), secret: hook.secret };
    });
  }

  /** Why none can be made, and how far they have come is not kept; null while all is well. */
  trouble(): string | null {
    return this.#store.trouble();
  }

  /** Those of a user, or of all. */
  of(user?: number): ShownHook[] {
    const hooks = [...this.#hooks.values()];
    return hooks
      .filter((hook) => user === undefined || hook.user === user)
      .map((hook) => this.#show(hook));
  }

  /**
   * Whether there was one: nothing more is posted to it. `user`: whose it has to be; anybody's when absent. Rejects with
   * `UntilRestart`.
   */
  delete(id: string, user?: number): Promise<boolean> {
    return this.#changes.run(async () => {
      const hook = this.#find(id, user) ?? this.#deletedUntilRestart.get(hookNumber(id));
      if (hook === undefined || (user !== undefined && hook.user !== user)) return false;
      this.#hooks.delete(hook.number);
      try {
        await this.#store.delete(hook.number);
      } catch (error) {
        this.#deletedUntilRestart.set(hook.number, hook);
        throw new UntilRestart(`The webhook ${id} is deleted`, { cause: error });
      }
      this.#deletedUntilRestart.delete(hook.number);
      return true;
    });
  }

  /** Ends those whose key was revoked. */
  endOver(): void {
    for (const { number, user, apiKey } of this.#hooks.values()) {
      if (this.#parts.standing(user, apiKey) !== "over") continue;
      const id = hookName(number);
      this.#parts.log.info({ webhook: id, apiKey }, "webhook ends with its key");
      this.delete(id).catch((error) => this.#warn(error));
    }
  }

  /** Null: there is no such webhook. */
  deadLetters(id: string, user?: number): readonly DeadLetter[] | null {
    const hook = this.#find(id, user);
    return hook && this.#store.letters(hook);
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
    const seqs = this.#store.letters(hook).map(({ seq }) => seq);
    progress.letters = seqs.filter((seq) => seq >= oldest);
    progress.nextAt = 0;
    return { queued: progress.letters.length };
  }

  #find(id: string, user: number | undefined): Hook | null {
    const hook = this.#hooks.get(hookNumber(id));
    return hook !== undefined && (user === undefined || hook.user === user) ? hook : null;
  }

  #look(): void {
    this.#noteMoved(MOVED_AT_ONCE);
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
      if (this.#young >= YOUNG_MAX) return;
      if (this.#posts >= POSTS_PER_SECOND_MAX) return;
      if (this.#parts.standing(hook.user, hook.apiKey) !== "stands") {
        this.#ready.delete(hook);
        continue;
      }
      if ((this.#inFlightOf.get(hook.user) ?? 0) >= IN_FLIGHT_PER_USER_MAX) continue;
      this.#ready.delete(hook);
      if (this.#hooks.get(hook.number) === hook) void this.#turn(hook);
    }
  }

  async #turn(hook: Hook): Promise<void> {
    const progress = this.#of(hook);
    progress.isBusy = true;
    this.#count(hook, 1);
    const endYouth = this.#beginYouth();
    try {
      const isTaken = await this.#deliver(hook, progress);
      // Behind the others.
      if (isTaken && this.#hasMore(hook)) this.#ready.add(hook);
    } finally {
      progress.isBusy = false;
      this.#count(hook, -1);
      endYouth();
      this.#begin();
    }
  }

  /** Counts a post among those that have just begun. It gives what ends that, as time does. */
  #beginYouth(): () => void {
    this.#young++;
    let isYoung = true;
    const end = (): void => {
      if (isYoung) this.#young--;
      isYoung = false;
    };
    const timer = setTimeout(() => {
      end();
      this.#begin();
    }, YOUNG_MS);
    return () => {
      clearTimeout(timer);
      end();
    };
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
    const error = await this.#deliveries.send(hook, seq);
    // It may have been deleted meanwhile.
    if (this.#isStopped || this.#hooks.get(hook.number) !== hook) return false;
    progress.error = error;
    if (error === null) progress.failures = 0;
    if (event === null) return this.#onLetter(hook, progress, seq, error);
    if (error === null) {
      this.#moveTo(hook, seq);
      return true;
    }
    const wait = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** progress.failures);
    progress.failures++;
    const isOld = this.#parts.now() - event.timestamp >= GIVEN_UP_MS;
    if (isOld && progress.failures >= GIVEN_UP_FAILURES) {
      this.#bury(hook, seq, error);
      return true;
    }
    const random = this.#parts.random ?? Math.random;
    progress.nextAt = this.#parts.monotonic() + wait * (0.5 + random() / 2);
    return false;
  }

  #onLetter(hook: Hook, progress: Progress, seq: number, error: string | null): boolean {
    if (error !== null) {
      progress.letters = [];
      return false;
    }
    progress.letters = progress.letters.filter((each) => each !== seq);
    this.#try(() => {
      this.#store.forget(hook, seq);
      hook.dead--;
    });
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
        found = { seq, timestamp: streams.timestamp };
        return false;
      }
      this.#moveTo(hook, seq);
      return ++looked < EVENTS_AT_ONCE;
    });
    return found;
  }

  #bury(hook: Hook, seq: number, error: string): void {
    this.#try(() => {
      const forgotten = this.#store.bury(hook, { seq, failed_at: this.#parts.now(), error });
      hook.dead++;
      for (const number of forgotten) {
        const loser = this.#hooks.get(number);
        if (loser !== undefined) loser.dead--;
      }
    });
    this.#moveTo(hook, seq);
    this.#parts.log.warn({ webhook: hookName(hook.number), seq, error }, "webhook given up");
  }

  #moveTo(hook: Hook, seq: number): void {
    hook.cursor = seq;
    this.#moved.add(hook);
  }

  /** Notes the cursors of so many. */
  #noteMoved(most: number): void {
    if (this.#moved.size === 0) return;
    const hooks = [...this.#moved.values().take(most)];
    this.#try(() => {
      this.#store.move(hooks);
      for (const hook of hooks) this.#moved.delete(hook);
    });
  }

  /** Does it, or tells in the log why not. */
  #try(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#warn(error);
    }
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
      webhook_id: hookName(hook.number),
      user_id: userId(hook.user),
      account_id: accountName(hook.account),
      url: hook.url,
      events: [...hook.events],
      created_at: hook.createdAt,
      seq: hook.cursor,
      dead_letters: hook.dead,
      failures: this.#of(hook).failures,
      error: this.#of(hook).error,
    };
  }

  /** Once, however often it is tried again. */
  #warn(cause: unknown): void {
    const error = String(cause);
    if (error === this.#told) return;
    this.#told = error;
    this.#parts.log.warn({ error }, "webhooks cannot be written");
  }
}
