import { expect, test } from "bun:test";
import { breathe } from "../../src/lib/steps.ts";
import { Turns } from "../../src/lib/turns.ts";

/** Turns whose clock goes on by what each read takes. */
function open() {
  let now = 0;
  const slices: (() => void)[] = [];
  const ran: string[] = [];
  const turns = new Turns<object>({
    ...{ slice: 4, spent: () => now },
    goOn: (slice) => slices.push(slice),
  });
  const users = new Map<string, object>();
  const take = (user: string, name: string, milliseconds: number): boolean => {
    const key = users.get(user) ?? {};
    users.set(user, key);
    return turns.take(key, () => {
      ran.push(name);
      now += milliseconds;
    });
  };
  /** Others have had their turn. */
  const next = (): string[] => {
    slices.shift()?.();
    return ran.splice(0);
  };
  return { take, next, ran, slices };
}

test("jobs that fit into a slice run at once, the rest in later turns, with the users in rotation", () => {
  const { take, next, ran } = open();
  for (let n = 1; n <= 6; n++) take("a", `a${n}`, 2);
  expect(ran.splice(0)).toEqual(["a1", "a2"]);
  take("b", "b1", 2);
  take("c", "c1", 1);
  take("b", "b2", 1);
  expect(ran).toEqual([]);
  expect(next()).toEqual(["a3", "b1"]);
  // What comes later of one who waits waits behind his own.
  take("a", "a7", 1);
  expect(next()).toEqual(["c1", "a4", "b2"]);
  expect(next()).toEqual(["a5", "a6"]);
  expect(next()).toEqual(["a7"]);
  expect(next()).toEqual([]);
  take("a", "a8", 1);
  expect(ran).toEqual(["a8"]);
});

test("one long read takes one slice; a read that asks again waits for the next slice", () => {
  const { take, next, ran, slices } = open();
  take("a", "a1", 50);
  take("b", "b1", 50);
  take("c", "c1", 1);
  expect(ran.splice(0)).toEqual(["a1"]);
  expect(next()).toEqual(["b1"]);
  expect(next()).toEqual(["c1"]);
  expect(next()).toEqual([]);
  expect(slices).toEqual([]);
});

test("the number of waiting jobs is limited", () => {
  const { take } = open();
  take("a", "a1", 50);
  for (let n = 0; n < 65_536; n++) expect(take(`user ${n % 100}`, "more", 1)).toBe(true);
  expect(take("b", "b1", 1)).toBe(false);
});

test("a job that adds a job waits for its turn, and a job that throws does not stop others", () => {
  let spent = 0;
  const slices: (() => void)[] = [];
  const ran: string[] = [];
  const turns = new Turns<string>({
    ...{ slice: 2, spent: () => spent },
    goOn: (slice) => slices.push(slice),
  });
  const job = (name: string, then?: () => void) => () => {
    ran.push(name);
    spent++;
    then?.();
  };
  turns.take(
    "a",
    job("a1", () => turns.take("a", job("a2"))),
  );
  expect(ran).toEqual(["a1"]);
  slices.shift()?.();
  expect(ran).toEqual(["a1", "a2"]);
  const thrown = job("b1", () => {
    throw new Error("a bug");
  });
  expect(() => turns.take("b", thrown)).toThrow("a bug");
  turns.take("b", job("b2"));
  while (slices.length > 0) slices.shift()?.();
  expect(ran).toEqual(["a1", "a2", "b1", "b2"]);
});

test("jobs that have run are forgotten, even if their user always has another one waiting", async () => {
  let now = 0;
  const slices: (() => void)[] = [];
  const turns = new Turns<string>({
    ...{ slice: 1, spent: () => now },
    goOn: (slice) => slices.push(slice),
  });
  const requests: WeakRef<object>[] = [];
  let answered = 0;
  const take = (): void => {
    const request = { bytes: new Uint8Array(1000) };
    requests.push(new WeakRef(request));
    turns.take("a", () => {
      now++;
      answered += request.bytes.length;
    });
  };
  take();
  for (let n = 0; n < 1000; n++) {
    take();
    if (n > 0) slices.shift()?.();
  }
  expect(answered).toBe(1000 * 1000);
  await breathe();
  Bun.gc(true);
  expect(requests.filter((request) => request.deref() !== undefined).length).toBeLessThan(100);
});
