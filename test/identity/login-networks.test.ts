import { expect, test } from "bun:test";
import { SQL } from "bun";
import { PasswordAttempts } from "../../src/trading/password-attempts.ts";
import { StoreOnDisk } from "./store-on-disk.ts";

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;

const disk = new StoreOnDisk();

const home = (n: number) => `10.0.0.${n}`;
const known = (): number[] =>
  Array.from({ length: 20 }, (_, n) => n).filter((n) =>
    disk.store.loginNetworks.has("ann", home(n)),
  );

test("the networks of a name are known after a restart, in any case of its letters, and only for that name", async () => {
  disk.store.loginNetworks.add("Ann", home(1), NOW);
  disk.store.loginNetworks.add("bob", home(2), NOW);
  for (let i = 0; i < 2; i++) {
    expect(known()).toEqual([1]);
    expect(disk.store.loginNetworks.has("ANN", home(1))).toBe(true);
    expect(disk.store.loginNetworks.has("bob", home(1))).toBe(false);
    await disk.restart();
  }
});

test("the last eight networks of each name are kept", async () => {
  for (let n = 0; n < 8; n++) disk.store.loginNetworks.add("ann", home(n), NOW + n);
  for (let n = 0; n < 1000; n++) disk.store.loginNetworks.add(`other${n}`, home(9), NOW);
  disk.store.loginNetworks.add("ann", home(0), NOW + DAY + 10);
  disk.store.loginNetworks.add("ann", home(8), NOW + DAY + 20);
  expect(known()).toEqual([0, 2, 3, 4, 5, 6, 7, 8]);
  await disk.restart();
  expect(known()).toEqual([0, 2, 3, 4, 5, 6, 7, 8]);
  disk.store.loginNetworks.add("ann", home(9), NOW + DAY + 30);
  expect(known()).toEqual([0, 3, 4, 5, 6, 7, 8, 9]);
});

test("a network that logs in all the time is written once a day", async () => {
  for (let i = 0; i < 100; i++) disk.store.loginNetworks.add("ann", home(1), NOW + i);
  await disk.restart();
  const sql = new SQL({ adapter: "sqlite", filename: disk.path });
  const rows = await sql`SELECT seen_at FROM login_networks`;
  await sql.close();
  expect(rows.map(({ seen_at }: { seen_at: number }) => seen_at)).toEqual([NOW]);
});

test("guesses from many networks do not keep a user out of a network that he has used, also after a restart", async () => {
  disk.store.loginNetworks.add("ann", home(1), NOW);
  await disk.restart();
  const attempts = new PasswordAttempts((name, network) =>
    disk.store.loginNetworks.has(name, network),
  );
  for (let n = 0; n < 1000; n++) attempts.take("ann", `10.${n >> 8}.${n & 255}.7`, 0);
  expect(attempts.take("ann", "192.0.2.1", 0)).toBeGreaterThan(0);
  expect(attempts.take("ann", home(1), 0)).toBe(0);
});
