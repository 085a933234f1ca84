import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { OFFLINE_PLAYERS } from "../../src/players/offline.ts";
import type { Player } from "../../src/players/player.ts";
import { PlayerRegistry } from "../../src/players/registry.ts";
import { selectPlayers } from "../../src/players/selection.ts";
import { readRecords } from "../../src/players/sleeper-record.ts";
import { freeTicker } from "../../src/players/ticker.ts";
import { QUIRKS } from "./support/sleeper-stand-in.ts";

let path = "";
let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "waiver-ticker-"));
  path = join(directory, "players.json");
});
afterEach(() => rmSync(directory, { recursive: true }));

const SYMBOLS_MAX = 4096;
const open = () => new PlayerRegistry(path, SYMBOLS_MAX);

function player(player_id: string, name: string, fields: Partial<Player> = {}): Player {
  return { player_id, name, team: "KC", position: "WR", number: 1, status: "Active", ...fields };
}

/** Every ticker by player id, ordered by id. */
function tickers(registry: PlayerRegistry): Record<string, string | undefined> {
  const rows = registry.entries().map(({ player_id, ticker }) => [player_id, ticker] as const);
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe("form", () => {
  test.each([
    ["Patrick Mahomes", "PMAHOMES"],
    ["José Peña", "JPENA"],
    ["D.J. Moore", "DMOORE"],
    ["D'Andre Swift", "DSWIFT"],
    ["Amon-Ra St. Brown", "ASTBROWN"],
    ["Kenneth Walker III", "KWALKER"],
    ["Michael Pittman Jr.", "MPITTMAN"],
    ["Odell Beckham, Jr.", "OBECKHAM"],
    ["Robert Smith V", "RSMITH"],
    ["Pierre V", "PV"],
    ["Marquez Valdes-Scantling", "MVALDESSCANTLING"],
    ["Jaxon Smith-Njigba-Washington", "JSMITHNJIGBAWASH"],
    ["Pelé", "PELE"],
    ["Groß Weiß", "GWEISS"],
    ["王 小明", "P77"],
    ["...", "P77"],
  ])("%s is %s", (name, ticker) => {
    expect(freeTicker({ ...player("77", name), source: "sleeper" }, () => false)).toBe(ticker);
  });

  test("a defence has its team's, and so has a slot of the depth chart", () => {
    const defence = player("KC", "Kansas City Chiefs", { position: "DEF" });
    expect(freeTicker({ ...defence, source: "sleeper" }, () => false)).toBe("KCDEF");
    const registry = open();
    registry.apply(OFFLINE_PLAYERS, "offline", 10);
    const expected = OFFLINE_PLAYERS.map(({ player_id }) => [
      player_id,
      player_id.replace("-", ""),
    ]);
    expect(tickers(registry)).toEqual(Object.fromEntries(expected));
  });

  test("a number replaces the last letters if there is no room for it", () => {
    const long = { ...player("1", "Marquez Valdes-Scantling"), source: "sleeper" as const };
    const taken = new Set(["MVALDESSCANTLING"]);
    for (const expected of ["MVALDESSCANTLIN2", "MVALDESSCANTLIN3"]) {
      const ticker = freeTicker(long, (each) => taken.has(each));
      expect(ticker).toBe(expected);
      taken.add(ticker);
    }
  });

  test("of the fixture's players", async () => {
    const { records } = await readRecords(Object.entries(QUIRKS));
    const registry = open();
    registry.apply(selectPlayers(records), "sleeper", 10);
    expect(tickers(registry)).toMatchObject({
      "4046": "PMAHOMES",
      "4983": "DMOORE",
      "7547": "ASTBROWN",
      "9001": "JNUNEZ",
      KC: "KCDEF",
    });
  });
});

describe("over time", () => {
  const SMITHS = ["9", "30", "100"].map((id) => player(id, "John Smith"));

  test("tickers of one name are numbered in the order of the ids", () => {
    const registry = open();
    registry.apply(SMITHS.toReversed(), "sleeper", 10);
    expect(tickers(registry)).toEqual({ "9": "JSMITH", "30": "JSMITH2", "100": "JSMITH3" });
    expect(registry.symbolOfTicker("JSMITH2")).toBe(registry.find("30")?.symbol);
    expect(registry.symbolOfTicker("JSMITH4")).toBeUndefined();
  });

  test("a player who is renamed, leaves or comes back keeps his ticker, and nobody else gets it", () => {
    const registry = open();
    registry.apply(SMITHS, "sleeper", 10);
    registry.apply(
      [player("9", "Jack Black", { team: "LV" }), player("5", "John Smith")],
      "sleeper",
      20,
    );
    const expected = { "5": "JSMITH4", "9": "JSMITH", "30": "JSMITH2", "100": "JSMITH3" };
    expect(tickers(registry)).toEqual(expected);
    expect(registry.symbolOfTicker("JSMITH3")).toBe(registry.find("100")?.symbol);
    registry.apply(SMITHS, "sleeper", 30);
    expect(tickers(registry)).toEqual(expected);
  });

  test("a restart reads the saved tickers", async () => {
    const registry = open();
    registry.apply(SMITHS, "sleeper", 10);
    registry.apply(SMITHS.slice(1), "sleeper", 20);
    await registry.save();
    const again = open();
    expect(again.entries()).toEqual(registry.entries());
    expect(again.symbolOfTicker("JSMITH")).toBe(registry.find("9")?.symbol);
  });

  test("a registry file of version 1 gets the same tickers as the players would have got, and is saved with them", async () => {
    const registry = open();
    registry.apply([...SMITHS, player("7", "Patrick Mahomes")], "sleeper", 10);
    registry.adopt(5, "12", 20);
    await registry.save();
    const written = readFileSync(path, "utf8");
    const older = written.replace('"version":2', '"version":1').replace(/"ticker":"\w+",?/g, "");
    writeFileSync(path, older.replaceAll(",}", "}"));
    const read = open();
    expect(read.entries()).toEqual(registry.entries());
    expect(tickers(read)["12"]).toBeUndefined();
    await read.save();
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(JSON.parse(written));
  });

  test("players who move to the journal's symbols keep their tickers; without a registry file tickers are given in the order of symbols", () => {
    const registry = open();
    registry.apply(SMITHS, "sleeper", 10);
    const symbol = registry.find("9")?.symbol ?? -1;
    registry.adopt(symbol, "30", 20);
    expect(registry.symbolOfTicker("JSMITH2")).toBe(symbol);
    expect(registry.symbolOfTicker("JSMITH")).toBe(registry.find("9")?.symbol);

    const lost = new PlayerRegistry(join(directory, "lost.json"), SYMBOLS_MAX);
    for (const [at, id] of ["100", "9"].entries()) lost.adopt(at, id, 30);
    lost.adopt(7, "KC-QB1", 30);
    expect(tickers(lost)).toEqual({ "9": undefined, "100": undefined, "KC-QB1": "KCQB1" });
    lost.apply(SMITHS, "sleeper", 40);
    expect(tickers(lost)).toEqual({
      "9": "JSMITH2",
      "30": "JSMITH3",
      "100": "JSMITH",
      "KC-QB1": "KCQB1",
    });
  });
});

describe("whoever the players are", () => {
  const names = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc
      .tuple(
        fc.constantFrom("J.", "José", "Jo", "K"),
        fc.constantFrom("Smith", "Smith2", "Smith Jr.", ""),
      )
      .map((words) => words.join(" ")),
  );
  const players = fc.uniqueArray(
    fc.record({
      player_id: fc.stringMatching(/^[!-~]{1,6}$/),
      name: names,
      team: fc.constantFrom("KC", "LV"),
      position: fc.constantFrom("WR", "DEF"),
      number: fc.constant(null),
      status: fc.constant("Active"),
    }),
    { selector: ({ player_id }) => player_id, maxLength: 40 },
  );

  test("tickers have their form, are one player's, and do not depend on the order of a reply", () => {
    fc.assert(
      fc.property(players, fc.infiniteStream(fc.nat()), (reply, random) => {
        const registry = open();
        registry.apply(reply, "sleeper", 10);
        const found = Object.values(tickers(registry));
        expect(found.filter((ticker) => !/^[A-Z0-9]{1,16}$/.test(ticker ?? ""))).toEqual([]);
        expect(new Set(found).size).toBe(reply.length);
        for (const { symbol, ticker = "" } of registry.entries()) {
          expect(registry.symbolOfTicker(ticker)).toBe(symbol);
        }
        const places = new Map(reply.map((each) => [each, random.next().value]));
        const shuffled = reply.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
        const other = open();
        other.apply(shuffled, "sleeper", 10);
        expect(other.entries()).toEqual(registry.entries());
      }),
    );
  });

  test("a ticker stays the same whatever replies come later", () => {
    fc.assert(
      fc.property(fc.array(players, { maxLength: 6 }), (replies) => {
        const registry = open();
        const first: Record<string, string | undefined> = {};
        for (const [day, reply] of replies.entries()) {
          registry.apply(reply, "sleeper", day);
          const now = tickers(registry);
          expect(now).toMatchObject(first);
          Object.assign(first, now);
        }
      }),
    );
  });
});
