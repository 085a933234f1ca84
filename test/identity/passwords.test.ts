import { expect, spyOn, test } from "bun:test";
import { PasswordHashing, PasswordsBusy } from "../../src/identity/passwords.ts";

test("a hash is argon2id's, its password's alone, however its characters were typed", async () => {
  const hashing = new PasswordHashing();
  const hash = await hashing.hash("Stra\u00dfe \u00e9", "home");
  expect(hash).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
  expect(await hashing.verify("Stra\u00dfe e\u0301", hash, "home")).toBe(true);
  expect(await hashing.verify("Strasse e", hash, "home")).toBe(false);
  expect(await hashing.verify("Stra\u00dfe \u00e9", null, "home")).toBe(false);
});

test("so many wait, of one network fewer, and the others are told so at once", async () => {
  const hashing = new PasswordHashing({ memoryCost: 64, timeCost: 1 });
  const own = Array.from({ length: 20 }, () => hashing.verify("x", null, "one"));
  const others = Array.from({ length: 100 }, (_, i) => hashing.verify("x", null, `other ${i}`));
  expect(hashing.size).toBe(65);
  const settled = await Promise.allSettled([...own, ...others]);
  const refused = settled.filter(({ status }) => status === "rejected");
  for (const { reason } of refused as PromiseRejectedResult[]) {
    expect(reason).toBeInstanceOf(PasswordsBusy);
  }
  expect(settled.slice(0, 20).filter(({ status }) => status === "fulfilled")).toHaveLength(9);
  expect(refused).toHaveLength(120 - 65);
  expect(hashing.size).toBe(0);
});

test("a shortage at the first check does not outlast it", async () => {
  const hashing = new PasswordHashing({ memoryCost: 64, timeCost: 1 });
  const hash = await hashing.hash("right", "home");
  // No memory, which nothing here can bring about.
  using short = spyOn(Bun.password, "hash").mockRejectedValueOnce(new Error("OutOfMemory"));
  await expect(hashing.verify("right", hash, "home")).rejects.toThrow("OutOfMemory");
  expect(await hashing.verify("right", hash, "home")).toBe(true);
  expect(short).toHaveBeenCalledTimes(2);
});
