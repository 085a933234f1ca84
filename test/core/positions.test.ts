/** The index of positions: account and symbol find the one position that was made for them, or none. */
import { expect, test } from "bun:test";
import { ACCOUNTS_MAX, createAccounts } from "../../src/core/ledger/accounts.ts";
import { createPositions } from "../../src/core/ledger/positions.ts";
import { createShares } from "../../src/core/ledger/shares.ts";
import { createRules } from "../../src/core/rules-state.ts";
import { Random } from "./fuzz/random.ts";

const SYMBOLS = 5;
const ROUNDS = 4_000;

function create() {
  const accounts = createAccounts();
  const rules = createRules({});
  const shares = createShares(accounts, rules);
  return { accounts, positions: createPositions(accounts, SYMBOLS, rules, shares) };
}

/** Accounts that share pages, at both ends and in between. */
function anAccount(random: Random): number {
  const first = random.pick([0, 8, 1_000, ACCOUNTS_MAX - 24]);
  return first + random.between(0, 23);
}

/** Opens positions at random; gives those that there are, by account and symbol. */
function fill({ positions }: ReturnType<typeof create>, seed: number): Map<string, number> {
  const random = new Random(seed);
  const made = new Map<string, number>();
  for (let i = 0; i < ROUNDS; i++) {
    const account = anAccount(random);
    const symbol = random.between(0, SYMBOLS - 1);
    const key = `${account} ${symbol}`;
    expect(positions.find(account, symbol)).toBe(made.get(key) ?? 0);
    if (random.once(3)) continue;
    const position = positions.open(account, symbol);
    expect(position).toBe(made.get(key) ?? made.size + 1);
    made.set(key, position);
  }
  return made;
}

/** All that look-ups find, of all accounts that there could be. */
function found({ positions }: ReturnType<typeof create>): Map<string, number> {
  const all = new Map<string, number>();
  for (let account = 0; account < ACCOUNTS_MAX; account++) {
    for (let symbol = 0; symbol < SYMBOLS; symbol++) {
      const position = positions.find(account, symbol);
      if (position !== 0) all.set(`${account} ${symbol}`, position);
    }
  }
  return all;
}

const sorted = (positions: Map<string, number>): [string, number][] =>
  [...positions].sort(([, a], [, b]) => a - b);

test("opened positions are found, and no others", () => {
  const ledger = create();
  const made = fill(ledger, 1);
  expect(made.size).toBeGreaterThan(300);
  expect(sorted(found(ledger))).toEqual(sorted(made));
});

test("after a reset nothing is found, and the store can be filled again", () => {
  const ledger = create();
  fill(ledger, 1);
  const { positions, accounts } = ledger;
  for (let round = 2; round < 5; round++) {
    positions.ints.fill(0, 0, positions.top() * 8);
    accounts.ints.fill(0);
    positions.reset();
    expect(found(ledger).size).toBe(0);
    const made = fill(ledger, round);
    expect(sorted(found(ledger))).toEqual(sorted(made));
  }
});

test("positions that were restored from a snapshot are found", () => {
  const from = create();
  const made = fill(from, 1);
  const to = create();
  to.positions.ints.set(from.positions.ints.subarray(0, from.positions.top() * 8));
  to.positions.head.set(from.positions.head);
  to.positions.restored();
  expect(sorted(found(to))).toEqual(sorted(made));
});
