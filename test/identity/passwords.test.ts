import { expect, test } from "bun:test";
import { PasswordHashing, PasswordsBusy } from "../../src/identity/passwords.ts";

test("a hash is argon2id, fits its password only, and fits it in every Unicode form", async () => {
  const hashing = new PasswordHashing();
  const hash = await hashing.hash("Stra\u00dfe \u00e9", "home");
  expect(hash).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
  expect(await hashing.verify("Stra\u00dfe e\u0301", hash, "home")).toBe(true);
  expect(await hashing.verify("Strasse e", hash, "home")).toBe(false);
});

test("a limited number of hashes waits, fewer of one network, and further ones are refused at once", async () => {
  const hashing = new PasswordHashing({ memoryCost: 64, timeCost: 1 });
  const nobodys = hashing.decoyOf("nobody").hash;
  const own = Array.from({ length: 20 }, () => hashing.verify("x", nobodys, "one"));
  const others = Array.from({ length: 100 }, (_, i) => hashing.verify("x", nobodys, `other ${i}`));
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

test("the decoy for an unknown name has the form of a hash", async () => {
  const hashing = new PasswordHashing({ memoryCost: 64, timeCost: 1 });
  const shape = (hash: string) => hash.replaceAll(/[A-Za-z0-9+/]{43}/g, "…");
  const decoy = hashing.decoyOf("nobody").hash;
  expect(shape(decoy)).toBe(shape(await hashing.hash("x", "home")));
  expect(await hashing.verify("x", decoy, "home")).toBe(false);
});
