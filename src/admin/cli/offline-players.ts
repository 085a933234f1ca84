/** The players of a journal on disk, from the registry in its data directory. No exchange need run. */
import { isThere } from "../../host/is-there.ts";
import { PlayerRegistry } from "../../players/registry.ts";
import { symbolName, symbolNumber } from "../../protocol/names.ts";
import { type NamedSymbol, pickSymbol, titlesOf } from "./find-symbol.ts";
import type { Program } from "./root-command.ts";
import type { SymbolTitles } from "./symbol-names.ts";

export class OfflinePlayers {
  readonly #program: Program;
  readonly #registry: PlayerRegistry | null = null;

  /**
   * `file`: path of the registry. Without the file no player has a name. A file that cannot be read is left out
   * with a warning.
   */
  constructor(program: Program, file: string, symbolsMax: number) {
    this.#program = program;
    try {
      if (isThere(file)) this.#registry = new PlayerRegistry(file, symbolsMax);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      program.terminal.err(`waiver: names are left out: ${reason}\n`);
    }
  }

  titles(): SymbolTitles {
    return titlesOf(this.#search(""));
  }

  /**
   * The number of the symbol that is meant; undefined when `text` is. A symbol's own name needs no registry.
   */
  async find(text: string | undefined): Promise<number | undefined> {
    if (text === undefined) return undefined;
    const number = symbolNumber(text);
    if (number >= 0) return number;
    const { symbol } = await pickSymbol(this.#program, text, this.#search(text));
    return symbolNumber(symbol);
  }

  #search(query: string): NamedSymbol[] {
    const entries = this.#registry?.search(query) ?? [];
    return entries.map(({ symbol, ticker, name, team, position }) => ({
      symbol: symbolName(symbol),
      ...(ticker !== undefined && { ticker }),
      player_name: name,
      team: team || null,
      position: position || null,
    }));
  }
}
