/**
 * Webhooks: the events of an account's stream, posted to a URL of the account's owner one after the other. There is no
 * queue: the next event is read from the stream, after the cursor. So a crash repeats only deliveries since the cursor was
 * written last.
 *
 * ```
 *   account stream   … 41 42 43 44 45 …
 *                          ▲ cursor: 42 is finished
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
import {
  type DeadLetter,
  type Hook,
  type HookOwner,
  hookName,
  hookNumber,
  isOf,
  type WebhookEvent,
} from "./hook.ts";
import { HookStore, type NewHook } from "./hook-store.ts";
import { parseTarget } from "./target.ts";
import type { Standing, StandingOf } from "./webhook-standing.ts";

const HOOKS_PER_USER_MAX = 10;
/** Webhooks of all users together. The last `HOOKS_RESERVED` go only to users who have no webhook yet. */
const HOOKS_MAX = 10_000;
const HOOKS_RESERVED = 1000;
/**
 * How many posts may await their answers at once; how many of these may have begun within `YOUNG_MS`; how many may be one
 * user's; and how many may begin in a second. Only the beginning of a post takes work of the exchange's thread. Waiting for
 * the answer takes none, so a slow receiver should not keep others waiting.
 */
const IN_FLIGHT_MAX = 64;
const YOUNG_MAX = 16;
const YOUNG_MS = 1000;
const IN_FLIGHT_PER_USER_MAX = 2;
const POSTS_PER_SECOND_MAX = 500;
/** How often new events are looked for and cursors are written. */
const LOOK_MS = 200;
/** How often written cursors are flushed to the disk. */
const SYNC_MS = 1000;
/** Cursors written at one look. */
const MOVED_AT_ONCE = 500;
/** Events that are skipped for a webhook that does not want them, before other webhooks have their turn. */
const EVENTS_AT_ONCE = 1000;
const RETRY_MS = 1000;
const RETRY_MS_MAX = 3_600_000;
/**
 * An event of this age is given up, once posts of its webhook have failed `GIVEN_UP_FAILURES` times in a row, which takes
 * half an hour. The age alone is not enough: after a jump of the clock, or a day without the exchange, the first failure
 * would make it a dead letter.
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
  /** Id of the exchange. The file of webhooks belongs to one exchange only. */
  exchange: string;
  /** Whether a webhook may be used. */
  standing(hook: StandingOf): Standing;
  /** A random number, from 0 to below 1. */
  random?(): number;
}

/** How deliveries of one webhook go. In memory only: a restart begins anew. */
interface Progress {
  /** Whether a post is under way. */
  isBusy: boolean;
  /** Posts that have failed in a row. */
  failures: number;
  /** When the next post may begin, by the monotonic clock. */
  nextAt: number;
  /** Why the last post failed; null when it did not. */
  error: string | null;
  /** `seq` of the dead letters that are to be sent again, oldest first. */
  letters: number[];
}

type ShownHook = Static<typeof ListedWebhook>;

/** There is no room for another webhook; the message tells the user why. */
export class HooksFull extends Error {
  override readonly name = "HooksFull";
}

/** Why a user who has `own` of `all` webhooks cannot have another; null when he can. */
export function whyFull(own: number, all: number): string | null {
  if (own >= HOOKS_PER_USER_MAX) return `At most ${HOOKS_PER_USER_MAX} webhooks a user`;
  if (all >= HOOKS_MAX) return `The exchange has ${HOOKS_MAX} webhooks, as many as it can have`;
  const left = HOOKS_MAX - all;
  if (own === 0 || left > HOOKS_RESERVED) return null;
  return `Only ${left} webhooks are left of ${HOOKS_MAX}: they are for users who have none`;
}

export interface WantedHook extends Pick<Hook, "user" | "account" | "apiKey" | "url" | "events"> {
  /** When the user was made, milliseconds since 1970. */
  readonly userSince: number;
}

export class Webhooks {
  readonly #parts: WebhooksParts;
  readonly #store: HookStore;
  readonly #deliveries: Deliveries;
  /** By number. */
  readonly #hooks: Map<number, Hook>;
  /** Webhooks that were deleted but could not be removed from the file yet, by number. */
  readonly #deletedUntilRestart = new Map<number, Hook>();
  readonly #progress = new WeakMap<Hook, Progress>();
  readonly #changes = new Serial();
  /** Webhooks that have something to send, in the order of their turns. A turn is one post. */
  readonly #ready = new Set<Hook>();
  /** Webhooks whose cursor has moved and is not written yet. */
  readonly #moved = new Set<Hook>();
  /** Posts that await their answers, by user. */
  readonly #inFlightOf = new Map<number, number>();
  /** Posts that await their answers. */
  #inFlight = 0;
  /** Those of them that began within `YOUNG_MS`. */
  #young = 0;
  /** Posts that began in the current second. */
  #posts = 0;
  #isStopped = false;
  /** The last error that was logged; it is not logged again until writing works. */
  #loggedError: string | null = null;
  readonly #timers: Timer[] = [];

  /** Throws when the file of webhooks cannot be used. */
  constructor(parts: WebhooksParts) {
    this.#parts = parts;
    this.#store = new HookStore(parts.dataDir, parts.exchange);
    this.#deliveries = new Deliveries(parts);
    this.#hooks = new Map(this.#store.hooks().map((hook) => [hook.number, hook]));
    // After a restore to an earlier moment the stream is shorter: the events that come now are all to be sent.
    for (const hook of this.#hooks.values())
      this.#store.cut(hook, parts.streams.lastSeq(hook.account));
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
      if (this.trouble() === null) this.#loggedError = null;
    });
  }

  /** Begins no more posts, and writes all cursors. Rejects when the disk does not take them. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#deliveries.close();
    await this.#changes.run(async () => {
      try {
        this.#writeMoved(this.#moved.size);
        await this.#store.flush();
      } finally {
        await this.#store.close();
      }
    });
  }

  /**
   * Makes a webhook that gets all events from now on. Resolves with its secret, which is shown only this once. Rejects with
   * `TargetRefused` or `HooksFull`, or as the disk or the resolver does.
   */
  async create({
    user,
    userSince,
    account,
    apiKey,
    url,
    events,
  }: WantedHook): Promise<ShownHook & { secret: string }> {
    const target = parseTarget(url);
    // The addresses are checked again at each post. This check tells the user at once.
    await this.#deliveries.resolve(target);
    return this.#changes.run(async () => {
      const own = [...this.#hooks.values()].filter((hook) => hook.user === user).length;
      const full = whyFull(own, this.#hooks.size);
      if (full !== null) throw new HooksFull(full);
      const wanted: NewHook = {
        ...{ user, account, apiKey, url: target.href },
        secret: `whs_${randomBytes(32).toString("hex")}`,
        events: [...new Set(events)],
        // The clock may have been set back since the user was made.
        createdAt: Math.max(userSince, this.#parts.now()),
        cursor: this.#parts.streams.lastSeq(account),
        dead: 0,
      };
      const hook: Hook = { ...wanted, number: await this.#store.insert(wanted) };
      this.#hooks.set(hook.number, hook);
      return { ...this.#show(hook), secret: hook.secret };
    });
  }

  /** Why webhooks and their cursors cannot be written; null while they can. */
  trouble(): string | null {
    return this.#store.trouble();
  }

  /** The webhooks of an owner, or of all users. */
  of(owner?: HookOwner): ShownHook[] {
    const hooks = [...this.#hooks.values()];
    return hooks.filter((hook) => isOf(hook, owner)).map((hook) => this.#show(hook));
  }

  /**
   * Deletes a webhook: from now on nothing is posted to it. Resolves with false when there is no such webhook, or when it
   * does not belong to `owner`; without `owner` it may be anybody's. Rejects with `UntilRestart` when the disk does not take
   * it.
   */
  delete(id: string, owner?: HookOwner): Promise<boolean> {
    return this.#changes.run(async () => {
      const hook = this.#find(id, owner) ?? this.#deletedUntilRestart.get(hookNumber(id));
      if (hook === undefined || !isOf(hook, owner)) return false;
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

  /** Deletes the webhooks whose key was revoked, and those of users who are gone, whose numbers others have. */
  endOver(): void {
    for (const hook of this.#hooks.values()) {
      if (this.#parts.standing(hook) !== "over") continue;
      const id = hookName(hook.number);
      this.#parts.log.info(
        { webhook: id, apiKey: hook.apiKey },
        "webhook ends with its key or user",
      );
      this.delete(id).catch((error) => this.#warn(error));
    }
  }

  /** The dead letters of a webhook, by `seq`; null when `owner` has no such webhook. */
  deadLetters(id: string, owner?: HookOwner): readonly DeadLetter[] | null {
    const hook = this.#find(id, owner);
    return hook && this.#store.letters(hook);
  }

  /**
   * Sends the dead letters of a webhook again, oldest first and before newer events, until one fails. Each stays a dead
   * letter until the receiver accepts it. Returns how many there are whose events are still kept; null when `owner` has no
   * such webhook.
   */
  resend(id: string, owner?: HookOwner): { queued: number } | null {
    const hook = this.#find(id, owner);
    if (hook === null) return null;
    const oldest = this.#parts.streams.oldestSeq(hook.account);
    const progress = this.#progressOf(hook);
    const seqs = this.#store.letters(hook).map(({ seq }) => seq);
    progress.letters = seqs.filter((seq) => seq >= oldest);
    progress.nextAt = 0;
    return { queued: progress.letters.length };
  }

  #find(id: string, owner: HookOwner | undefined): Hook | null {
    const hook = this.#hooks.get(hookNumber(id));
    return hook !== undefined && isOf(hook, owner) ? hook : null;
  }

  #look(): void {
    this.#writeMoved(MOVED_AT_ONCE);
    const now = this.#parts.monotonic();
    for (const hook of this.#hooks.values()) {
      const { isBusy, nextAt } = this.#progressOf(hook);
      if (!isBusy && now >= nextAt && this.#hasMore(hook)) this.#ready.add(hook);
    }
    this.#begin();
  }

  #hasMore(hook: Hook): boolean {
    const { streams } = this.#parts;
    return hook.cursor < streams.lastSeq(hook.account) || this.#progressOf(hook).letters.length > 0;
  }

  /** Begins as many posts as the limits allow. */
  #begin(): void {
    for (const hook of this.#ready) {
      if (this.#isStopped || this.#inFlight >= IN_FLIGHT_MAX) return;
      if (this.#young >= YOUNG_MAX) return;
      if (this.#posts >= POSTS_PER_SECOND_MAX) return;
      if (this.#parts.standing(hook) !== "stands") {
        this.#ready.delete(hook);
        continue;
      }
      if ((this.#inFlightOf.get(hook.user) ?? 0) >= IN_FLIGHT_PER_USER_MAX) continue;
      this.#ready.delete(hook);
      if (this.#hooks.get(hook.number) === hook) void this.#turn(hook);
    }
  }

  async #turn(hook: Hook): Promise<void> {
    const progress = this.#progressOf(hook);
    progress.isBusy = true;
    this.#count(hook, 1);
    const endYoung = this.#countYoung();
    try {
      const mayGoOn = await this.#deliver(hook, progress);
      // Its next turn comes after those of the others.
      if (mayGoOn && this.#hasMore(hook)) this.#ready.add(hook);
    } finally {
      progress.isBusy = false;
      this.#count(hook, -1);
      endYoung();
      this.#begin();
    }
  }

  /** Counts a post as young until `YOUNG_MS` have passed, or until the returned function is called. */
  #countYoung(): () => void {
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

  /** Posts a dead letter that is to be sent again, or the next event. Resolves with whether the next may follow at once. */
  async #deliver(hook: Hook, progress: Progress): Promise<boolean> {
    const [letter] = progress.letters;
    const event = letter === undefined ? this.#nextOf(hook) : null;
    const seq = letter ?? event?.seq;
    if (seq === undefined) return false;
    this.#posts++;
    const error = await this.#deliveries.send(hook, seq);
    // The webhook may have been deleted meanwhile.
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

  /** After a dead letter was sent again: removes it when it was accepted, otherwise sends no more of them. */
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

  /** The next event that the webhook wants. Skips other events, and those that the stream does not keep any more. */
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

  /** Makes the event `seq` a dead letter. */
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

  /** Writes the cursors of at most `most` webhooks. */
  #writeMoved(most: number): void {
    if (this.#moved.size === 0) return;
    const hooks = [...this.#moved.values().take(most)];
    this.#try(() => {
      this.#store.move(hooks);
      for (const hook of hooks) this.#moved.delete(hook);
    });
  }

  /** Calls `write`, and logs the error when it throws. */
  #try(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#warn(error);
    }
  }

  #progressOf(hook: Hook): Progress {
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
      failures: this.#progressOf(hook).failures,
      error: this.#progressOf(hook).error,
    };
  }

  /** Logs an error of the disk once, however often writing is tried again. */
  #warn(cause: unknown): void {
    const error = String(cause);
    if (error === this.#loggedError) return;
    this.#loggedError = error;
    this.#parts.log.warn({ error }, "webhooks cannot be written");
  }
}
