import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createCore } from "../../src/core/create.ts";
import { AccountChain, readPage } from "../../src/records/account-chain.ts";

const { view } = createCore(1);

/** A ring whose entries hold what was written, as those who use the chain keep it. */
function open(size: number) {
  const chain = new AccountChain(view, size);
  const kept = new Array<string>(size);
  const add = (account: number, what: string): void => {
    kept[chain.add(account)] = what;
  };
  const page = (account: number, before: number, limit: number, only = "") =>
    readPage(chain, account, before, limit, (place) =>
      kept[place].startsWith(only) ? kept[place] : null,
    );
  return { chain, add, page };
}

describe("a page", () => {
  test("of nothing is empty", () => {
    const { page } = open(4);
    expect(page(1, 0, 10)).toEqual({ rows: [], next: null });
    expect(page(1, 99, 10)).toEqual({ rows: [], next: null });
  });

  test("has the account's own, newest first, and says where the next begins", () => {
    const { add, page } = open(8);
    for (const what of ["a1", "b1", "a2", "b2", "a3"]) add(what.startsWith("a") ? 1 : 2, what);
    expect(page(1, 0, 2)).toEqual({ rows: ["a3", "a2"], next: 2 });
    expect(page(1, 2, 2)).toEqual({ rows: ["a1"], next: null });
    expect(page(2, 0, 2)).toEqual({ rows: ["b2", "b1"], next: null });
    expect(page(2, 1, 2)).toEqual({ rows: [], next: null });
  });

  test("ends where the ring has overwritten the account's older entries", () => {
    const { add, page } = open(4);
    add(1, "old");
    for (let i = 1; i <= 3; i++) add(2, `b${i}`);
    expect(page(1, 0, 10).rows).toEqual(["old"]);
    add(2, "b4");
    expect(page(1, 0, 10)).toEqual({ rows: [], next: null });
    add(1, "new");
    expect(page(1, 0, 10)).toEqual({ rows: ["new"], next: null });
    expect(page(2, 0, 10)).toEqual({ rows: ["b4", "b3", "b2"], next: null });
  });

  test("that was begun before the ring went round goes on with what is left", () => {
    const { add, page } = open(4);
    for (let i = 1; i <= 4; i++) add(1, `a${i}`);
    expect(page(1, 0, 1)).toEqual({ rows: ["a4"], next: 4 });
    add(2, "b1");
    add(2, "b2");
    expect(page(1, 4, 10)).toEqual({ rows: ["a3"], next: null });
    add(2, "b3");
    expect(page(1, 4, 10)).toEqual({ rows: [], next: null });
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

test("pages to the end give what the ring holds of the account, without loss or repeat", () => {
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
            listed.push(...rows);
            before = next;
          }
          const held = names.filter(
            (name, i) =>
              i >= names.length - size && entries[i].account === account && name.startsWith(only),
          );
          expect(listed).toEqual(held.reverse());
        }
      },
    ),
  );
});
