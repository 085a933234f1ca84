import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createCore } from "../../src/core/create.ts";
import {
  AccountChain,
  OWN_ENTRIES,
  OWN_ENTRIES_MAX,
  readPage,
  SPARE_ENTRIES,
} from "../../src/records/account-chain.ts";
import { openAccount } from "../core/command-builder.ts";
import { TickRun } from "../execution/tick-run.ts";

const core = createCore(1);
const { view } = core;
new TickRun(core, []).tick([1, 2, 3].map((account) => openAccount({ account })));

/** A ring whose entries hold what was written, as those who use the chain keep it. */
function open(size: number) {
  const accounts: number[] = [];
  const kept: string[] = [];
  const chain = new AccountChain(view, size, {
    accountOf: (place) => accounts[place],
    copy: (from, to) => {
      kept[to] = kept[from];
    },
  });
  const add = (account: number, what: string): void => {
    const place = chain.add(account);
    accounts[place] = account;
    kept[place] = what;
  };
  const page = (account: number, before: number, limit: number, only = "") =>
    readPage(chain, { account, before, limit }, (place) =>
      kept[place].startsWith(only) ? kept[place] : null,
    );
  return { chain, add, page };
}

describe("a page", () => {
  test("of nothing is empty", () => {
    const { page } = open(4);
    expect(page(1, 0, 10)).toEqual({ rows: [], next: null, passed: 0 });
    expect(page(1, 99, 10)).toEqual({ rows: [], next: null, passed: 0 });
  });

  test("has the account's own, newest first, and says where the next begins", () => {
    const { add, page } = open(8);
    for (const what of ["a1", "b1", "a2", "b2", "a3"]) add(what.startsWith("a") ? 1 : 2, what);
    expect(page(1, 0, 2)).toEqual({ rows: ["a3", "a2"], next: 2, passed: 0 });
    expect(page(1, 2, 2)).toEqual({ rows: ["a1"], next: null, passed: 0 });
    expect(page(2, 0, 2)).toEqual({ rows: ["b2", "b1"], next: null, passed: 0 });
    expect(page(2, 1, 2)).toEqual({ rows: [], next: null, passed: 0 });
  });

  test("goes on with the account's own places where the ring has overwritten its entries", () => {
    const { add, page } = open(4);
    add(1, "old");
    for (let i = 1; i <= 4; i++) add(2, `b${i}`);
    expect(page(1, 0, 10)).toEqual({ rows: ["old"], next: null, passed: 0 });
    add(1, "new");
    expect(page(1, 0, 10)).toEqual({ rows: ["new", "old"], next: null, passed: 0 });
    expect(page(2, 0, 10)).toEqual({ rows: ["b4", "b3", "b2", "b1"], next: null, passed: 0 });
  });

  test("that was begun before the ring went round loses nothing", () => {
    const { add, page } = open(4);
    for (let i = 1; i <= 4; i++) add(1, `a${i}`);
    expect(page(1, 0, 1)).toEqual({ rows: ["a4"], next: 4, passed: 0 });
    for (let i = 1; i <= 4; i++) {
      add(2, `b${i}`);
      expect(page(1, 4, 10)).toEqual({ rows: ["a3", "a2", "a1"], next: null, passed: 0 });
    }
  });

  test("of a filter that few pass comes in several, none of which loses any", () => {
    const entries = 1 << 15;
    const { add, page } = open(entries);
    for (let i = 0; i < entries; i++) add(1, i % 12_000 === 0 ? `x${i}` : "y");
    const first = page(1, 0, 10, "x");
    expect(first.rows).toEqual(["x24000"]);
    const found = [...first.rows];
    let pages = 1;
    for (let { next } = first; next !== null; pages++) {
      const more = page(1, next, 10, "x");
      found.push(...more.rows);
      next = more.next;
    }
    expect(found).toEqual(["x24000", "x12000", "x0"]);
    expect(pages).toBe(4);
  });
});

test("pages to the end give the entries of the account, without loss or repeat", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 4, 16, 64),
      fc.array(fc.record({ account: fc.integer({ min: 1, max: 3 }), isOdd: fc.boolean() })),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      (size, entries, limit, isFiltered) => {
        const { add, page } = open(size);
        const names = entries.map(({ isOdd }, i) => `${isOdd ? "odd" : "even"}${i}`);
        entries.forEach(({ account }, i) => void add(account, names[i]));
        const only = isFiltered ? "odd" : "";
        for (const account of [1, 2, 3]) {
          const listed: string[] = [];
          let before: number | null = 0;
          while (before !== null) {
            const { rows, next }: { rows: string[]; next: number | null } = page(
              account,
              before,
              limit,
              only,
            );
            expect(rows.length).toBeLessThanOrEqual(limit);
            if (before !== 0) expect(rows).not.toBeEmpty();
            listed.push(...rows);
            before = next;
          }
          const all = names.filter(
            (name, i) => entries[i].account === account && name.startsWith(only),
          );
          expect(listed).toEqual(all.reverse());
        }
      },
    ),
  );
});

describe("the work for a page", () => {
  /** A chain that counts how often it is asked whose an entry is, and which is before it. */
  function openCounting(size: number, accounts: readonly number[]) {
    let steps = 0;
    const chain = new AccountChain(view, size, {
      accountOf: (place) => {
        steps++;
        return accounts[place];
      },
      copy: () => undefined,
    });
    for (const account of accounts) chain.add(account);
    const page = (account: number, before: number, limit: number, scannedMax: number) => {
      steps = 0;
      let rowsRead = 0;
      const { rows, next } = readPage(chain, { account, before, limit, scannedMax }, (place) => {
        rowsRead++;
        return place + 1;
      });
      return { rows, next, steps: steps + rowsRead };
    };
    return page;
  }

  test("is the same wherever it begins", () => {
    const page = openCounting(64, new Array(64).fill(1));
    expect(page(1, 5, 1, 10)).toEqual({ rows: [4], next: 4, steps: 3 });
    expect(page(1, 60, 1, 10)).toEqual({ rows: [59], next: 59, steps: 3 });
  });

  test("is limited when it begins among the entries of others, and nothing is lost", () => {
    const accounts = new Array(64).fill(2);
    accounts[3] = 1;
    accounts[63] = 1;
    const page = openCounting(64, accounts);
    const rows: number[] = [];
    let pages = 0;
    for (let before: number | null = 60; before !== null; pages++) {
      const answer: ReturnType<typeof page> = page(1, before, 5, 10);
      expect(answer.steps).toBeLessThanOrEqual(12);
      rows.push(...answer.rows);
      before = answer.next;
    }
    expect(rows).toEqual([4]);
    expect(pages).toBe(6);
  });

  test("has no entry at or after any number that is asked for", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 64 }),
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 9 }),
        (accounts, from, scannedMax) => {
          const page = openCounting(64, accounts);
          const rows: number[] = [];
          for (let before: number | null = from; before !== null; ) {
            const answer: ReturnType<typeof page> = page(1, before, 3, scannedMax);
            rows.push(...answer.rows);
            before = answer.next;
          }
          const all = accounts.flatMap((account, i) =>
            account === 1 && i + 1 < from ? [i + 1] : [],
          );
          expect(rows).toEqual(all.reverse());
        },
      ),
    );
  });
});

describe("own places", () => {
  function openKeeping(size: number, sparesMax = SPARE_ENTRIES) {
    const places: { account: number; what: string }[] = [];
    const entries = {
      accountOf: (place: number) => places[place].account,
      copy: (from: number, to: number) => {
        places[to] = places[from];
      },
    };
    const chain = new AccountChain(view, size, entries, sparesMax);
    const add = (account: number, what: string): void => {
      places[chain.add(account)] = { account, what };
    };
    const list = (account: number) =>
      readPage(chain, { account, before: 0, limit: 1000 }, (place) => places[place].what).rows;
    const words = () => chain.stores("x").reduce((sum, { used }) => sum + used(), 0);
    return { chain, places, add, list, words };
  }

  test("are handed out one at a time, so who keeps nothing costs nothing", () => {
    const { chain, add, words } = openKeeping(4);
    for (let i = 0; i < 4; i++) add(1, `a${i}`);
    expect(chain.ownUsed).toBe(0);
    const full = words();
    for (let i = 0; i < 3; i++) add(2, `b${i}`);
    expect(chain.ownUsed).toBe(3);
    // Entry, ordinal, account and next, two words each.
    expect(words() - full).toBe(3 * 8);
  });

  test("are taken again, and no account has more than it keeps", () => {
    const { chain, add, list } = openKeeping(4);
    for (let i = 0; i < 200; i++) {
      add(1, `a${i}`);
      for (let j = 0; j < 4; j++) add(2, `b${4 * i + j}`);
    }
    expect(chain.ownUsed).toBeLessThanOrEqual(2 * OWN_ENTRIES_MAX);
    const newest = (letter: string, count: number) =>
      Array.from({ length: OWN_ENTRIES_MAX }, (_, i) => `${letter}${count - 1 - i}`);
    expect(list(1)).toEqual(newest("a", 200));
    expect(list(2)).toEqual(newest("b", 800));
  });

  test("beyond those that every account has are for who comes first", () => {
    const { add, list } = openKeeping(1, 5);
    for (let i = 0; i < 100; i++) add(1, `a${i}`);
    for (let i = 0; i < 100; i++) add(2, `b${i}`);
    // The ring has b99; of account 1 it has nothing.
    expect(list(1)).toHaveLength(OWN_ENTRIES + 5);
    expect(list(2)).toHaveLength(OWN_ENTRIES + 1);
    expect(list(1)[0]).toBe("a99");
    expect(list(2).slice(0, 2)).toEqual(["b99", "b98"]);
  });

  test.each([
    [0, OWN_ENTRIES],
    [SPARE_ENTRIES, OWN_ENTRIES_MAX],
  ])("with %d spare ones give each account its newest, restored ones too", (sparesMax, own) => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 4, 16),
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 600, size: "max" }),
        fc.nat({ max: 600 }),
        (size, accounts, restoredAt) => {
          let rig = openKeeping(size, sparesMax);
          for (const [i, account] of accounts.entries()) {
            if (i === restoredAt) rig = restoredFrom(rig, size, sparesMax);
            rig.add(account, `${i}`);
          }
          for (const account of [1, 2, 3]) {
            const all = accounts.flatMap((of, i) => (of === account ? [i] : [])).reverse();
            const inRing = all.filter((i) => i >= accounts.length - size);
            const kept = all.slice(inRing.length, OWN_ENTRIES_MAX).slice(0, own);
            expect(rig.list(account)).toEqual([...inRing, ...kept].map(String));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("are counted again when they are restored", () => {
    const rig = openKeeping(1, 5);
    for (let i = 0; i < 100; i++) rig.add(1, `a${i}`);
    const restored = restoredFrom(rig, 1, 5);
    for (let i = 0; i < 100; i++) restored.add(2, `b${i}`);
    expect(restored.list(1)).toHaveLength(OWN_ENTRIES + 5);
    expect(restored.list(2)).toHaveLength(OWN_ENTRIES + 1);
  });

  function restoredFrom(from: ReturnType<typeof openKeeping>, size: number, sparesMax: number) {
    const rig = openKeeping(size, sparesMax);
    const stores = from.chain.stores("x");
    for (const [i, { words }] of rig.chain.stores("x").entries()) {
      words.set(stores[i].words.subarray(0, stores[i].used()));
    }
    rig.places.push(...from.places);
    rig.chain.restored();
    return rig;
  }
});
