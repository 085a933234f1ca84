/**
 * The player registry: the symbol and the ticker of each player, and the words that people search by. It is in
 * memory and, after `save`, on disk. The journal takes precedence: the registry adopts what the journal lists.
 *
 * The journal holds no tickers. Where the file is lost, they are made again as soon as the players' names are
 * known, in the order of their symbols. Of several players with one name, a number can then go to another one
 * than before.
 */
import { OFFLINE_PLAYERS } from "./offline.ts";
import type { Player, PlayerSource } from "./player.ts";
import { type Entry, RegistryError, readRegistryFile, writeRegistryFile } from "./registry-file.ts";
import { matches, searchText, searchWords } from "./search-text.ts";
import { freeSymbol } from "./symbol-mapping.ts";
import { freeTicker } from "./ticker.ts";

/** The registry's file in the data directory. */
export const PLAYERS_FILE = "players.json";

/** What `apply` changed. */
export interface RegistryChange {
  /** Players who are new in the registry. */
  added: Entry[];
  /** Known players whom the source no longer has. */
  left: Entry[];
  /** Known players who were gone and whom the source has again. */
  returned: Entry[];
  /** Known players with another name, team, position, number or status than before. */
  changed: Entry[];
  /** New players who got no symbol, because all are taken. */
  unplaced: Player[];
}

export class PlayerRegistry {
  readonly #path: string;
  readonly #symbolsMax: number;
  /** By symbol. */
  readonly #entries: (Entry | undefined)[];
  readonly #searchTexts: string[];
  readonly #symbols = new Map<string, number>();
  readonly #symbolsByTicker = new Map<string, number>();
  #isSaved = true;

  /**
   * Reads the registry from the file at `path`; it is empty when there is none. If the file is older than
   * tickers, its players get tickers here. Throws `RegistryError` when the file is damaged or holds a symbol
   * beyond `symbolsMax`.
   */
  constructor(path: string, symbolsMax: number) {
    this.#path = path;
    this.#symbolsMax = symbolsMax;
    this.#entries = new Array<Entry | undefined>(symbolsMax).fill(undefined);
    this.#searchTexts = new Array<string>(symbolsMax).fill("");
    for (const entry of readRegistryFile(path) ?? []) {
      this.#assertInRange(entry.symbol);
      this.#put(entry);
    }
    this.#isSaved = true;
    const older = this.entries().filter((entry) => entry.ticker === undefined && isNamed(entry));
    for (const entry of older.sort(byPlayerId)) this.#put(this.#withTicker(entry));
  }

  /** How many players have a symbol. */
  get size(): number {
    return this.#symbols.size;
  }

  get(symbol: number): Entry | undefined {
    return this.#entries[symbol];
  }

  find(playerId: string): Entry | undefined {
    const symbol = this.#symbols.get(playerId);
    return symbol === undefined ? undefined : this.#entries[symbol];
  }

  /** The symbol of a ticker in upper case, also of a player who left. */
  symbolOfTicker(ticker: string): number | undefined {
    return this.#symbolsByTicker.get(ticker);
  }

  /** All entries, in the order of their symbols. */
  entries(): Entry[] {
    return this.#entries.filter((entry) => entry !== undefined);
  }

  /**
   * The entries, in the order of their symbols, that fit a query: each of its words must begin a word of name,
   * team, position, symbol, ticker or player id. A query without words finds all entries.
   */
  search(query = ""): Entry[] {
    const words = searchWords(query);
    return this.entries().filter(({ symbol }) => matches(this.#searchTexts[symbol] ?? "", words));
  }

  /**
   * Takes `players` for all players that `source` has at `now`, milliseconds since 1970. New players get a
   * symbol and a ticker for ever, in the order of their ids, whatever the order of `players`. Known players who
   * are missing are marked as gone and keep both. Entries of other sources stay as they are.
   */
  apply(players: readonly Player[], source: PlayerSource, now: number): RegistryChange {
    const change: RegistryChange = { added: [], left: [], returned: [], changed: [], unplaced: [] };
    const ids = new Set<string>();
    this.#nameAdopted(players, source);
    for (const player of players.toSorted(byPlayerId)) {
      ids.add(player.player_id);
      const known = this.find(player.player_id);
      if (known === undefined) {
        const entry = this.#place({ ...player, source, present: true, listed_at: now });
        if (entry) change.added.push(entry);
        else change.unplaced.push(player);
      } else if (!known.present) {
        const { left_at: _, ...rest } = known;
        change.returned.push(this.#put({ ...rest, ...player, source, present: true }));
      } else if (differs(known, player)) {
        change.changed.push(this.#put({ ...known, ...player }));
      }
    }
    for (const entry of this.entries()) {
      if (entry.source !== source || !entry.present || ids.has(entry.player_id)) continue;
      change.left.push(this.#put({ ...entry, status: "Inactive", present: false, left_at: now }));
    }
    return change;
  }

  /**
   * Takes over a listing from the journal; returns whether the registry did not have it. When its file is older
   * than the journal, or gone, the registry can lack a listing or have another player at its symbol. Then the
   * player moves to the journal's symbol, and the other one, who was never listed, gets a new one. Throws
   * `RegistryError` for a symbol beyond `symbolsMax`.
   */
  adopt(symbol: number, playerId: string, now: number): boolean {
    this.#assertInRange(symbol);
    const occupant = this.#entries[symbol];
    if (occupant?.player_id === playerId) return false;
    const known = this.find(playerId);
    if (known) this.#remove(known);
    if (occupant) this.#remove(occupant);
    const entry = { ...(known ?? listedPlayer(playerId, now)), symbol };
    this.#put(isNamed(entry) ? this.#withTicker(entry) : entry);
    if (occupant) this.#place(occupant);
    return true;
  }

  /** Notes what was done to a symbol because its player left; `null` = nothing is done any more. */
  setClosure(symbol: number, closure: NonNullable<Entry["closure"]> | null): void {
    const entry = this.#entries[symbol];
    if (entry === undefined) return;
    const { closure: _, was_pre_open: __, ...rest } = entry;
    this.#put(closure === null ? rest : { ...entry, closure });
  }

  /** Notes whether a symbol that is to be closed is in PRE_OPEN. */
  setPreOpen(symbol: number, isPreOpen: boolean): void {
    const entry = this.#entries[symbol];
    if (entry === undefined || (entry.was_pre_open === true) === isPreOpen) return;
    const { was_pre_open: _, ...rest } = entry;
    this.#put(isPreOpen ? { ...rest, was_pre_open: true } : rest);
  }

  /**
   * Resolves when the registry as it is now is on disk; at once when nothing has changed since the last call.
   */
  async save(): Promise<void> {
    if (this.#isSaved) return;
    this.#isSaved = true;
    try {
      await writeRegistryFile(this.#path, this.entries());
    } catch (error) {
      this.#isSaved = false;
      throw error;
    }
  }

  /** Gives a ticker to those of `players` whom only the journal knew so far. */
  #nameAdopted(players: readonly Player[], source: PlayerSource): void {
    const adopted = players.flatMap((player) => {
      const known = this.find(player.player_id);
      return known === undefined || known.ticker !== undefined ? [] : [{ known, player }];
    });
    for (const { known, player } of adopted.sort((a, b) => a.known.symbol - b.known.symbol)) {
      const { ticker } = this.#withTicker({ ...known, ...player, source });
      this.#put({ ...known, ticker });
    }
  }

  /** The entry with its ticker, or with a new one when it has none. */
  #withTicker<Titled extends Omit<Entry, "symbol">>(entry: Titled): Titled & { ticker: string } {
    const ticker = entry.ticker ?? freeTicker(entry, (taken) => this.#symbolsByTicker.has(taken));
    return { ...entry, ticker };
  }

  /** Gives an entry a free symbol, and a ticker if it has none; undefined when no symbol is left. */
  #place(entry: Omit<Entry, "symbol">): Entry | undefined {
    const symbol = freeSymbol(
      entry.player_id,
      this.#symbolsMax,
      (taken) => this.#entries[taken] !== undefined,
    );
    return symbol === -1 ? undefined : this.#put(this.#withTicker({ ...entry, symbol }));
  }

  #put(entry: Entry): Entry {
    this.#entries[entry.symbol] = entry;
    this.#searchTexts[entry.symbol] = searchText(entry.symbol, entry);
    this.#symbols.set(entry.player_id, entry.symbol);
    if (entry.ticker !== undefined) this.#symbolsByTicker.set(entry.ticker, entry.symbol);
    this.#isSaved = false;
    return entry;
  }

  #remove(entry: Entry): void {
    this.#entries[entry.symbol] = undefined;
    this.#symbols.delete(entry.player_id);
    if (entry.ticker !== undefined) this.#symbolsByTicker.delete(entry.ticker);
    this.#isSaved = false;
  }

  #assertInRange(symbol: number): void {
    if (symbol >= 0 && symbol < this.#symbolsMax) return;
    throw new RegistryError(
      `SYMBOL_${symbol} is in use and players.symbols_max is ${this.#symbolsMax}: set it to at least ${symbol + 1}`,
    );
  }
}

function differs(entry: Entry, player: Player): boolean {
  return (
    entry.name !== player.name ||
    entry.team !== player.team ||
    entry.position !== player.position ||
    entry.number !== player.number ||
    entry.status !== player.status
  );
}

/** Orders ids that are numbers by their value: players who have been known longer come first. */
function byPlayerId(a: Player, b: Player): number {
  const [x, y] = [a.player_id, b.player_id];
  return x.length - y.length || (x < y ? -1 : 1);
}

/** Whether more is known of a player than the id that the journal has. */
function isNamed({ name, player_id }: Player): boolean {
  return name !== player_id;
}

/**
 * The entry of a player whom only the journal knows: complete for a depth-chart slot, else with nothing but the
 * id.
 */
function listedPlayer(playerId: string, now: number): Omit<Entry, "symbol"> {
  const slot = OFFLINE_PLAYERS.find((player) => player.player_id === playerId);
  const known = { present: true, listed_at: now };
  if (slot) return { ...slot, ...known, source: "offline" };
  const unknown = { name: playerId, team: "", position: "", number: null, status: "Unknown" };
  return { player_id: playerId, ...unknown, ...known, source: "sleeper" };
}
