import { expect, test } from "bun:test";
import fc from "fast-check";
import { fnv1a } from "../../src/lib/hash.ts";
import { freeSymbol } from "../../src/players/symbol-mapping.ts";

/** Gives everybody a symbol, in order. */
function assign(
  playerIds: readonly string[],
  symbolsMax: number,
  symbols = new Map<number, string>(),
) {
  for (const playerId of playerIds) {
    const symbol = freeSymbol(playerId, symbolsMax, (taken) => symbols.has(taken));
    if (symbol !== -1) symbols.set(symbol, playerId);
  }
  return symbols;
}

test("a player's first symbol is the hash of his id", () => {
  // Published test vectors of FNV-1a.
  expect([fnv1a(""), fnv1a("a"), fnv1a("foobar")]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  expect(freeSymbol("foobar", 4096, () => false)).toBe(0xbf9cf968 % 4096);
});

test("if that symbol is taken, the player gets the next free one, and after the last one the first", () => {
  const home = freeSymbol("foobar", 8, () => false);
  const free = (home + 7) % 8;
  expect(freeSymbol("foobar", 8, (symbol) => symbol !== free)).toBe(free);
  expect(freeSymbol("foobar", 8, () => true)).toBe(-1);
});

test("the mapping is fixed: the symbols of a known set of ids", () => {
  const ids = ["4046", "96", "KC", "KC-QB1", "KC-DEF"];
  expect(ids.map((id) => freeSymbol(id, 4096, () => false))).toEqual([1987, 1446, 3691, 656, 2041]);
});

test("every player has one symbol while there are free ones, and later players move nobody", () => {
  const ids = fc.uniqueArray(fc.stringMatching(/^[!-~]{1,12}$/), { maxLength: 40 });
  fc.assert(
    fc.property(ids, ids, fc.integer({ min: 1, max: 64 }), (early, late, symbolsMax) => {
      const before = assign(early, symbolsMax);
      expect(new Set(before.values()).size).toBe(Math.min(early.length, symbolsMax));
      const newcomers = late.filter((id) => !early.includes(id));
      const after = assign(newcomers, symbolsMax, new Map(before));
      for (const [symbol, playerId] of before) expect(after.get(symbol)).toBe(playerId);
      expect(after.size).toBe(Math.min(early.length + newcomers.length, symbolsMax));
    }),
  );
});
