/**
 * Keeps the exchange's symbols in step with the players of the league: at the start from the registry on disk,
 * from Sleeper or from the offline list, then from Sleeper once a day. When Sleeper does not answer, health is
 * degraded, but the exchange starts.
 */
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import type { Log } from "../lib/log.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type ListingPort, Listings } from "./listings.ts";
import { OFFLINE_PLAYERS } from "./offline.ts";
import type { Player } from "./player.ts";
import { PLAYERS_FILE, PlayerRegistry, type RegistryChange } from "./registry.ts";
import type { Entry } from "./registry-file.ts";
import { selectPlayers } from "./selection.ts";
import { SleeperClient, SleeperError } from "./sleeper.ts";

const REFRESH_TRIES = 3;
const RETRY_DELAY_MS = 10 * 60_000;
/**
 * Twice as many as the league has in August, when it has most. Of a first reply all players are taken, because
 * there is nothing to compare it with.
 */
const PLAYERS_MAX = 2048;
/** When fewer players are known, any number of new ones is taken. */
const LEAGUE_PLAYERS_MIN = 256;

export interface PlayerHealth {
  status: "ok" | "degraded";
  /** Why it is degraded. */
  reason?: string;
  /** When `status` last changed, milliseconds since 1970. */
  since: number;
}

export interface PlayerServiceOptions {
  config: Config["players"];
  /** The directory of `players.json`. */
  dataDir: string;
  /** Of new listings, in cents. */
  priceIncrement: number;
  port: ListingPort;
  /** The `SymbolState` of a symbol in the core now. */
  stateOf: (symbol: number) => number;
  /** Whether that state ends by itself. */
  isTimed: (symbol: number) => boolean;
  /** The listings in the recovered journal. */
  listed: Iterable<{ symbol: number; playerId: string }>;
  log: Log;
  clock?: Clock;
}

export class PlayerService {
  /** Read by `symbols.list`; changed by this service only. */
  readonly registry: PlayerRegistry;
  readonly #config: Config["players"];
  readonly #listings: Listings;
  readonly #client: SleeperClient;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #health: PlayerHealth;
  /** The etag of the reply that the registry has. */
  #etag: string | null = null;
  /** Players of that reply for whom no symbol was left. */
  #unplaced = 0;
  #refreshing: Promise<void> | null = null;
  #cancelTimer: () => void = () => undefined;

  /**
   * Reads the registry and adopts what the journal lists. Throws `RegistryError` when its file is
   * damaged or `symbols_max` is too small for what is listed.
   */
  constructor(options: PlayerServiceOptions) {
    const { config, dataDir, log, clock = systemClock } = options;
    this.#config = config;
    this.#log = log;
    this.#clock = clock;
    this.#health = { status: "ok", since: clock.now() };
    this.#client = new SleeperClient({
      baseUrl: config.sleeperBaseUrl,
      timeoutMs: config.fetchTimeoutMs,
      clock,
    });
    this.registry = new PlayerRegistry(join(dataDir, PLAYERS_FILE), config.symbolsMax);
    this.#listings = new Listings({ ...options, registry: this.registry });

    let adopted = 0;
    for (const { symbol, playerId } of options.listed) {
      if (this.registry.adopt(symbol, playerId, clock.now())) adopted++;
    }
    if (adopted > 0) log.warn({ adopted }, "player registry is older than the journal");
  }

  /**
   * Resolves when the symbols are listed. With source "sleeper" and an empty registry it waits for
   * one request, `fetchTimeoutMs` at most, and lists the offline players when that fails; otherwise
   * the first refresh goes on in the background. Rejects when the registry cannot be written.
   */
  async start(): Promise<void> {
    const { source } = this.#config;
    const isFirstStart = this.registry.size === 0;
    let fault: string | null = null;
    if (source === "sleeper" && isFirstStart) fault = await this.#takeReply(1);
    if (this.#closing.signal.aborted) return;
    if (source === "offline" || fault !== null) {
      const change = this.registry.apply(OFFLINE_PLAYERS, "offline", this.#clock.now());
      this.#unplaced = change.unplaced.length;
    } else if (this.#sleeperEntries().length === 0) {
      fault = "no players from Sleeper yet";
    }
    await this.registry.save();
    this.#setHealth([fault, await this.#settle()]);
    if (source === "sleeper" && !isFirstStart) void this.refresh();
    else this.#schedule();
  }

  health(): PlayerHealth {
    return this.#health;
  }

  /**
   * Fetches the players and brings the symbols in line; `health` says how it went. With `isAnyTaken` a reply
   * that is not plausible is taken too.
   */
  refresh(isAnyTaken = false): Promise<void> {
    this.#refreshing ??= this.#refresh(isAnyTaken).finally(() => {
      this.#refreshing = null;
      this.#schedule();
    });
    return this.#refreshing;
  }

  /**
   * Fetches the players for an operator, and says how it went; null when players do not come from Sleeper. With
   * `isAnyTaken` a reply that is not plausible is taken too: the operator has looked at it.
   */
  async sync(isAnyTaken = false): Promise<PlayerHealth | null> {
    if (this.#config.source === "offline") return null;
    // A refresh that is under way has begun without `isAnyTaken`.
    while (isAnyTaken && this.#refreshing !== null) await this.#refreshing;
    await this.refresh(isAnyTaken);
    if (!this.#closing.signal.aborted) return this.#health;
    const reason = "the exchange is shutting down; its next start refreshes";
    return { status: "degraded", reason, since: this.#clock.now() };
  }

  /** Stops the refreshes, aborting one under way; resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelTimer();
    await this.#refreshing;
  }

  async #refresh(isAnyTaken: boolean): Promise<void> {
    const replyFault = await this.#takeReply(REFRESH_TRIES, isAnyTaken);
    // Without a reply too: an earlier refresh may have left symbols that are not settled.
    const settleFault = await this.#settle();
    if (!this.#closing.signal.aborted) this.#setHealth([replyFault, settleFault]);
  }

  /**
   * Fetches the players and applies the reply to the registry, in memory. Returns what was wrong; null when
   * nothing was.
   */
  async #takeReply(tries: number, isAnyTaken = false): Promise<string | null> {
    const signal = this.#closing.signal;
    try {
      const reply = await this.#client.fetchPlayers({ etag: this.#etag, tries, signal });
      if (signal.aborted || reply.isUnchanged) return null;
      const players = selectPlayers(reply.records);
      if (!isAnyTaken) this.#assertPlausible(players);
      const change = this.registry.apply(players, "sleeper", this.#clock.now());
      const stillClosed = this.#listings.plan(change);
      this.#etag = reply.etag;
      this.#unplaced = change.unplaced.length;
      this.#logChange(players.length, change, reply.skipped, stillClosed);
      return null;
    } catch (error) {
      if (!(error instanceof SleeperError)) throw error;
      if (!signal.aborted) this.#log.warn({ reason: error.message }, "players not refreshed");
      return error.message;
    }
  }

  /**
   * Throws `SleeperError` for a reply that cannot be right: more than a third of the known players do not leave
   * in a day, and half as many again do not come. A player has his symbol for ever, so one wrong reply could
   * use up all symbols.
   */
  #assertPlausible(players: readonly Player[]): void {
    if (players.length === 0) throw new SleeperError("Sleeper's reply has no active player");
    const ids = new Set(players.map((player) => player.player_id));
    const known = this.#sleeperEntries().filter((entry) => entry.present);
    if (known.length > 0 && players.length > PLAYERS_MAX) {
      throw implausible(
        `has ${players.length} active players, and no league more than ${PLAYERS_MAX}`,
      );
    }
    const missing = known.filter((entry) => !ids.has(entry.player_id)).length;
    if (missing * 3 > known.length) {
      throw implausible(`lacks ${missing} of ${known.length} known players`);
    }
    const added = players.filter((player) => this.registry.find(player.player_id) === undefined);
    if (known.length >= LEAGUE_PLAYERS_MIN && added.length * 2 > known.length) {
      throw implausible(`has ${added.length} new players beside ${known.length} known ones`);
    }
  }

  #sleeperEntries(): Entry[] {
    return this.registry.entries().filter((entry) => entry.source === "sleeper");
  }

  /** Brings the core in line with the registry. Returns why that failed, null when it did not. */
  async #settle(): Promise<string | null> {
    if (this.#closing.signal.aborted) return null;
    try {
      const report = await this.#listings.settle();
      const { listed, closed, reopened, refused } = report;
      if (listed + closed + reopened + refused > 0) this.#log.info(report, "symbols settled");
      if (refused > 0) return `${refused} listings or state changes were refused`;
    } catch (error) {
      this.#log.error({ reason: (error as Error).message }, "symbols not settled");
      return `symbols not settled: ${(error as Error).message}`;
    }
    if (this.#unplaced === 0) return null;
    return `players for whom no symbol is left: ${this.#unplaced}; raise players.symbols_max`;
  }

  #logChange(
    players: number,
    { added, left, returned, changed, unplaced }: RegistryChange,
    skipped: Readonly<Record<string, number>>,
    stillClosed: readonly number[],
  ): void {
    const counts = {
      added: added.length,
      left: left.length,
      returned: returned.length,
      changed: changed.length,
      unplaced: unplaced.length,
    };
    this.#log.info({ players, ...counts, skipped }, "players refreshed");
    if (stillClosed.length > 0) {
      const symbols = stillClosed.map((symbol) => `SYMBOL_${symbol}`);
      this.#log.warn(
        { symbols },
        "symbols of returned players stay closed: something else than their leaving closed them",
      );
    }
  }

  #setHealth(faults: readonly (string | null)[]): void {
    const reason = faults.filter((fault) => fault !== null).join("; ");
    const status = reason === "" ? "ok" : "degraded";
    const since = status === this.#health.status ? this.#health.since : this.#clock.now();
    this.#health = reason === "" ? { status: "ok", since } : { status: "degraded", reason, since };
  }

  #schedule(): void {
    this.#cancelTimer();
    if (this.#closing.signal.aborted || this.#config.source === "offline") return;
    const { refreshIntervalMs } = this.#config;
    const isDegraded = this.#health.status === "degraded";
    const delayMs = isDegraded ? Math.min(RETRY_DELAY_MS, refreshIntervalMs) : refreshIntervalMs;
    this.#cancelTimer = this.#clock.after(delayMs, () => void this.refresh());
  }
}

function implausible(what: string): SleeperError {
  return new SleeperError(
    `Sleeper's reply ${what}; if that is right, \`waiver players sync --accept\` takes it`,
  );
}
