/**
 * The player registry: which symbol and which ticker stand for whom, and what people search by. It lives in
 * memory and, after `save`, on disk. The journal takes precedence: what it lists is adopted.
 *
 * The journal holds no tickers. Where the file is lost, they are made again as soon as the players' names are
 * known, in the order of their symbols: of several players with one name, a number can then be another's.
 */
import { OFFLINE_PLAYERS } from "./offline.ts";
import type { Player, PlayerSource } from "./player.ts";
import { type Entry, RegistryError, readRegistryFile, writeRegistryFile } from "./registry-file.ts";
import { matches, searchText, searchWords } from "./search-text.ts";
import { freeSymbol } from "./symbol-mapping.ts";
import { freeTicker } from "./ticker.ts";

/** The registry's file in the data directory. */
export const PLAYERS_FILE = "players.json";

/** What `apply` did. */
export interface RegistryChange {
  /** New in the registry. */
  added: Entry[];
  /** Known and no longer there. */
  left: Entry[];
  /** Known, gone for a while, and there again. */
  returned: Entry[];
  /** There as before, with another name, team, position, number or status. */
  changed: Entry[];
  /** New, and every symbol is taken. */
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
   * Reads the registry from the file at `path`; empty where there is none. Players of a file that is older
   * than tickers get theirs here. Throws `RegistryError` when the file is damaged or holds a symbol beyond
   * `symbolsMax`.
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

  /** Every entry, by symbol. */
  entries(): Entry[] {
    return this.#entries.filter((entry) => entry !== undefined);
  }

  /**
   * The entries, by symbol, of which every word of the query begins a word of name, team, position,
   * symbol, ticker or player id. Without words: all of them.
   */
  search(query = ""): Entry[] {
    const words = searchWords(query);
    return this.entries().filter(({ symbol }) => matches(this.#searchTexts[symbol] ?? "", words));
  }

  /**
   * Makes `players` the whole of those that `source` has at `now`. Newcomers get a symbol and a ticker for
   * ever, in the order of their ids, so that the order of `players` decides nothing; who is missing is marked
   * as gone and keeps both. Entries from elsewhere stay as they are.
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
   * Takes over a listing from the journal; returns whether it was news. The registry can lack it, or
   * even say otherwise, when its file is older than the journal or gone: then the player moves to the
   * journal's symbol, and who stood there, never having been listed, gets another.
   * Throws `RegistryError` for a symbol beyond `symbolsMax`.
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

  /** Notes what was done to a symbol because its player left; `null` = nothing any more. */
  setClosure(symbol: number, closure: NonNullable<Entry["closure"]> | null): void {
    const entry = this.#entries[symbol];
    if (entry === undefined) return;
    const { closure: _, was_pre_open: __, ...rest } = entry;
    this.#put(closure === null ? rest : { ...entry, closure });
  }

  /** Notes of a symbol that is to be closed whether it is PRE_OPEN. */
  setPreOpen(symbol: number, isPreOpen: boolean): void {
    const entry = this.#entries[symbol];
    if (entry === undefined || (entry.was_pre_open === true) === isPreOpen) return;
    const { was_pre_open: _, ...rest } = entry;
    this.#put(isPreOpen ? { ...rest, was_pre_open: true } : rest);
  }

  /** Resolves when the registry as it is now is on disk; at once when it is already. */
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

  /** Gives those of `players` a ticker of whom only the journal knew so far. */
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

  /** The entry with its ticker, a new one where it has none. */
  #withTicker<Titled extends Omit<Entry, "symbol">>(entry: Titled): Titled & { ticker: string } {
    const ticker = entry.ticker ?? freeTicker(entry, (taken) => this.#symbolsByTicker.has(taken));
    return { ...entry, ticker };
  }

  /** Gives a free symbol and, where it has none, a ticker; undefined when no symbol is left. */
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

/** The order of numbers for ids that are numbers: who has been known longer comes first. */
function byPlayerId(a: Player, b: Player): number {
  const [x, y] = [a.player_id, b.player_id];
  return x.length - y.length || (x < y ? -1 : 1);
}

/** Whether more is known of a player than the id that the journal has. */
function isNamed({ name, player_id }: Player): boolean {
  return name !== player_id;
}

/** What can be said of a player of whom only the journal knows: a slot in full, else the id. */
function listedPlayer(playerId: string, now: number): Omit<Entry, "symbol"> {
  const slot = OFFLINE_PLAYERS.find((player) => player.player_id === playerId);
  const known = { present: true, listed_at: now };
  if (slot) return { ...slot, ...known, source: "offline" };
  const unknown = { name: playerId, team: "", position: "", number: null, status: "Unknown" };
  return { player_id: playerId, ...unknown, ...known, source: "sleeper" };
}
