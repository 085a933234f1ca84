import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OFFLINE_PLAYERS } from "../../src/players/offline.ts";
import type { Player } from "../../src/players/player.ts";
import { PlayerRegistry } from "../../src/players/registry.ts";
import { RegistryError } from "../../src/players/registry-file.ts";
import { freeSymbol } from "../../src/players/symbol-mapping.ts";

let directory = "";
let path = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "waiver-registry-"));
  path = join(directory, "players.json");
});
afterEach(() => rmSync(directory, { recursive: true }));

const SYMBOLS_MAX = 4096;
const open = (symbolsMax = SYMBOLS_MAX) => new PlayerRegistry(path, symbolsMax);

function player(player_id: string, fields: Partial<Player> = {}): Player {
  const about = { team: "KC", position: "WR", number: 1, status: "Active" };
  return { player_id, name: `Player ${player_id}`, ...about, ...fields };
}

const home = (playerId: string) => freeSymbol(playerId, SYMBOLS_MAX, () => false);
const NOBODY = { added: [], left: [], returned: [], changed: [], unplaced: [] };

describe("apply", () => {
  test("adds newcomers, each under its symbol", () => {
    const registry = open();
    const change = registry.apply([player("1"), player("2")], "sleeper", 10);
    const entries = ["1", "2"].map((id) => ({
      ...player(id),
      symbol: home(id),
      ticker: `P${id}`,
      source: "sleeper" as const,
      present: true,
      listed_at: 10,
    }));
    expect(change).toEqual({ ...NOBODY, added: entries });
    expect(entries.map(({ symbol }) => registry.get(symbol))).toEqual(entries);
    expect(registry.find("2")).toEqual(entries[1]);
    expect(registry.find("3")).toBeUndefined();
    expect(registry.size).toBe(2);
  });

  test("reports who left, returned and changed, and nothing about the others", () => {
    const registry = open();
    registry.apply([player("1"), player("2"), player("3")], "sleeper", 10);
    const moved = player("3", { team: "LV" });
    const second = registry.apply([player("1"), moved], "sleeper", 20);
    const base = { source: "sleeper" as const, present: true, listed_at: 10 };
    const gone = { ...player("2"), ...base, status: "Inactive", present: false, left_at: 20 };
    expect(second).toEqual({
      ...NOBODY,
      left: [{ ...gone, symbol: home("2"), ticker: "P2" }],
      changed: [{ ...moved, ...base, symbol: home("3"), ticker: "P3" }],
    });
    expect(registry.apply([player("1"), moved], "sleeper", 30)).toEqual(NOBODY);
    const third = registry.apply([player("1"), player("2"), moved], "sleeper", 40);
    expect(third).toEqual({
      ...NOBODY,
      returned: [{ ...player("2"), ...base, symbol: home("2"), ticker: "P2" }],
    });
  });

  test("keeps symbols whatever order players arrive in on later days", () => {
    const registry = open(8);
    const first = ["1", "2", "3", "4"].map((id) => player(id));
    const symbolsOf = () => first.map(({ player_id }) => registry.find(player_id)?.symbol);
    registry.apply(first, "sleeper", 10);
    const before = symbolsOf();
    registry.apply([player("5"), player("6"), ...first.toReversed()], "sleeper", 20);
    expect(symbolsOf()).toEqual(before);
    registry.apply([player("7")], "sleeper", 30);
    registry.apply([...first, player("8")], "sleeper", 40);
    expect(symbolsOf()).toEqual(before);
    expect(registry.entries().map(({ symbol }) => symbol)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("does not change players of the other source", () => {
    const registry = open();
    registry.apply(OFFLINE_PLAYERS, "offline", 10);
    const change = registry.apply([player("1")], "sleeper", 20);
    expect({ ...change, added: change.added.length }).toEqual({ ...NOBODY, added: 1 } as never);
    expect(registry.size).toBe(513);
  });

  test("reports players for whom there was no symbol", () => {
    const registry = open(2);
    const change = registry.apply(
      ["1", "2", "3"].map((id) => player(id)),
      "sleeper",
      10,
    );
    expect(change.added.map(({ player_id }) => player_id)).toEqual(["1", "2"]);
    expect(change.unplaced).toEqual([player("3")]);
    expect(registry.size).toBe(2);
  });
});

describe("the file", () => {
  test("holds everything over a restart, readable by all and without a trace of its making", async () => {
    const registry = open();
    registry.apply([player("1"), player("2", { number: null })], "sleeper", 10);
    registry.apply([player("1")], "sleeper", 20);
    registry.setClosure(home("2"), "made");
    await registry.save();
    expect(open().entries()).toEqual(registry.entries());
    expect(readdirSync(directory)).toEqual(["players.json"]);
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  test("is written over what a crash left, and into a directory that is not there yet", async () => {
    path = join(directory, "data", "players.json");
    await registryOf("1").save();
    writeFileSync(`${path}.new`, "half a regis", { mode: 0o600 });
    await registryOf("2").save();
    expect(
      open()
        .search()
        .map(({ player_id }) => player_id)
        .sort(),
    ).toEqual(["1", "2"]);
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  test("is not touched when there is nothing to save, and is after a failure", async () => {
    await open().save();
    expect(readdirSync(directory)).toEqual([]);
    path = join(directory, "data", "players.json");
    const registry = registryOf("1");
    writeFileSync(join(directory, "data"), "no directory");
    const failure = await registry.save().then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Error);
    rmSync(join(directory, "data"));
    await registry.save();
    expect(open().entries()).toEqual(registry.entries());
  });

  function registryOf(id: string): PlayerRegistry {
    const registry = open();
    registry.apply([...registry.entries(), player(id)], "sleeper", 10);
    return registry;
  }

  const entry = `{"symbol":1,"player_id":"1","name":"n","team":"KC","position":"WR","number":null,"status":"Active","source":"sleeper","present":true,"listed_at":1}`;
  const other = entry.replace('"player_id":"1"', '"player_id":"2"');
  test.each([
    ["empty", "", "it is not JSON"],
    ["cut off", '{"version":1,"players":[', "it is not JSON"],
    ["no object", "5", "the file: "],
    ["without its parts", "[]", "version: "],
    ["of no version", '{"version":0,"players":[]}', "version: "],
    [
      "with a bad field",
      `{"version":1,"players":[${entry.replace(":1", ":-1")}]}`,
      "players.0.symbol: ",
    ],
    ["with a field too many", `{"version":1,"players":[],"x":1}`, "x: "],
    [
      "with a player twice",
      `{"version":1,"players":[${entry},${entry.replace(":1", ":2")}]}`,
      "player_id 1 stands there twice",
    ],
    [
      "with a bad ticker",
      `{"version":2,"players":[${entry.replace("{", '{"ticker":"SYMBOL_1",')}]}`,
      "players.0.ticker: ",
    ],
    [
      "with a ticker twice",
      `{"version":2,"players":[${[entry, other.replace(":1,", ":2,")]
        .map((each) => each.replace("{", '{"ticker":"N",'))
        .join(",")}]}`,
      "ticker N stands there twice",
    ],
    [
      "with a symbol twice",
      `{"version":1,"players":[${entry},${other}]}`,
      "symbol 1 stands there twice",
    ],
  ])("%s is refused with what to do", (_, text, reason) => {
    writeFileSync(path, text);
    let error: unknown;
    try {
      open();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(RegistryError);
    expect((error as Error).message).toStartWith(`${path}: damaged: ${reason}`);
    expect((error as Error).message).toEndWith(
      "Put back a copy of it, or move it away and start again: the symbols come back from the journal, and the players' names with the next refresh.",
    );
  });

  test("of a newer program is not reported as damaged", () => {
    writeFileSync(path, '{"version":4,"players":[]}');
    expect(open).toThrow(
      `${path}: it has version 4, and this program knows 3 at most: start the newer program`,
    );
  });

  test("with a symbol beyond the limit is refused, and the message names the limit to raise", () => {
    writeFileSync(path, `{"version":1,"players":[${entry.replace(":1", ":700")}]}`);
    expect(() => open(512)).toThrow(
      "SYMBOL_700 is in use and players.symbols_max is 512: set it to at least 701",
    );
  });
});

describe("adopt", () => {
  test("adds a listing that the registry does not have", () => {
    const registry = open();
    expect(registry.adopt(7, "4046", 10)).toBe(true);
    expect(registry.adopt(8, "KC-QB1", 10)).toBe(true);
    expect(registry.adopt(7, "4046", 20)).toBe(false);
    const slot = OFFLINE_PLAYERS.find(({ player_id }) => player_id === "KC-QB1");
    const known = { present: true, listed_at: 10 };
    expect(registry.entries() as unknown[]).toEqual([
      {
        symbol: 7,
        player_id: "4046",
        name: "4046",
        team: "",
        position: "",
        number: null,
        status: "Unknown",
        source: "sleeper",
        ...known,
      },
      { ...slot, symbol: 8, ticker: "KCQB1", source: "offline", ...known },
    ]);
    const { changed } = registry.apply([player("4046")], "sleeper", 30);
    const ticker = "P4046";
    expect(changed).toEqual([
      { ...player("4046"), symbol: 7, ticker, source: "sleeper", ...known },
    ]);
  });

  test("follows the journal: the player moves to its symbol there, and the player who had it moves elsewhere", () => {
    const registry = open();
    registry.apply([player("1"), player("2")], "sleeper", 10);
    expect(registry.adopt(home("1"), "2", 20)).toBe(true);
    expect(registry.find("2")?.symbol).toBe(home("1"));
    expect(registry.find("2")?.name).toBe("Player 2");
    const displaced = registry.find("1");
    expect(displaced?.symbol).toBe(home("1") + 1);
    expect(
      registry
        .search("player")
        .map(({ player_id }) => player_id)
        .sort(),
    ).toEqual(["1", "2"]);
    expect(registry.get(home("2"))).toBeUndefined();
    expect(registry.size).toBe(2);
  });

  test("refuses a symbol beyond the limit", () => {
    expect(() => open(512).adopt(512, "1", 10)).toThrow(
      "SYMBOL_512 is in use and players.symbols_max is 512: set it to at least 513",
    );
  });
});

describe("search", () => {
  const PLAYERS = [
    player("4046", { name: "Patrick Mahomes", position: "QB" }),
    player("4983", { name: "D.J. Moore", team: "CHI" }),
    player("7547", { name: "Amon-Ra St. Brown", team: "DET" }),
    player("9001", { name: "José Ñúñez", team: "MIA", position: "K" }),
    player("KC", { name: "Kansas City Chiefs", position: "DEF" }),
    ...OFFLINE_PLAYERS.filter(({ player_id }) => player_id === "KC-QB1"),
  ];
  const symbolOfMahomes = `SYMBOL_${home("4046")}`;

  test.each([
    ["mahomes", ["4046"]],
    ["MAHOM", ["4046"]],
    ["ahomes", []],
    ["patrick  mahomes", ["4046"]],
    ["mahomes patrick qb kc", ["4046"]],
    ["kc qb", ["4046", "KC-QB1"]],
    ["KC DEF", ["KC"]],
    ["dj moore", ["4983"]],
    ["D.J.", ["4983"]],
    ["d j", ["4983"]],
    ["amonra", ["7547"]],
    ["amon-ra st brown", ["7547"]],
    ["amon ra", ["7547"]],
    ["jose nunez", ["9001"]],
    ["JOSÉ ñuñ", ["9001"]],
    ["kansas city qb1", ["KC-QB1"]],
    ["kc-qb1", ["KC-QB1"]],
    ["4983", ["4983"]],
    ["PMAHOMES", ["4046"]],
    ["astb", ["7547"]],
    ["ast", []],
    ["$pmahomes", ["4046"]],
    ["mahomes pmah", ["4046"]],
    ["kcdef", ["KC"]],
    ["kc", ["4046", "KC", "KC-QB1"]],
    [symbolOfMahomes, ["4046"]],
    [symbolOfMahomes.toLowerCase(), ["4046"]],
    ["mahomes chi", []],
    ["nobody", []],
    [" .,-", PLAYERS.map(({ player_id }) => player_id)],
    ["", PLAYERS.map(({ player_id }) => player_id)],
  ])("%p finds %p", (query, expected) => {
    const registry = open();
    registry.apply(PLAYERS, "sleeper", 10);
    const found = registry.search(query);
    expect(found.map(({ player_id }) => player_id).sort()).toEqual(expected.toSorted());
    const symbols = found.map(({ symbol }) => symbol);
    expect(symbols).toEqual(symbols.toSorted((a, b) => a - b));
  });

  test("finds a short ticker only by the whole ticker", () => {
    const registry = open();
    registry.apply([player("1", { name: "Jo Li" })], "sleeper", 10);
    expect(["jli", "jl"].map((query) => registry.search(query).length)).toEqual([1, 0]);
  });

  test("uses the current names", () => {
    const registry = open();
    registry.apply(PLAYERS, "sleeper", 10);
    registry.apply(
      [...PLAYERS.slice(1), player("4046", { name: "Pat M", team: "LV" })],
      "sleeper",
      20,
    );
    expect(registry.search("mahomes")).toEqual([]);
    expect(registry.search("pmahomes").map(({ name }) => name)).toEqual(["Pat M"]);
    expect(registry.search("lv pat").map(({ player_id }) => player_id)).toEqual(["4046"]);
  });
});
