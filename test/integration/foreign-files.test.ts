import { expect, test } from "bun:test";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServerProcess } from "./server-process.ts";
import { Venue } from "./venue.ts";

const FILES = ["identity.sqlite", "identity-key"];

async function copyUsers(from: string, to: string): Promise<void> {
  for (const name of FILES) await cp(join(from, name), join(to, name));
}

test("users of another exchange stop the start, also those of a backup: each has an acc_1", async () => {
  await using own = await Venue.open();
  await using other = await Venue.open();
  const ann = await own.user({ cash: 1_000_000 });
  const bob = await other.user();
  expect([ann.account_id, bob.account_id]).toEqual(["acc_1", "acc_1"]);
  const root = await mkdtemp(join(tmpdir(), "foreign-"));
  await using _ = { [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
  const [kept, backup] = [join(root, "kept"), join(root, "backup")];
  await other.server.ask("POST", "/backup", { to: backup });
  for (const venue of [own, other]) expect(await venue.server.stop()).toBe(0);
  await copyUsers(own.dataDir, kept);

  for (const foreign of [other.dataDir, backup]) {
    await copyUsers(foreign, own.dataDir);
    const { exitCode, output } = await ServerProcess.startAndFail(own.dataDir);
    expect([exitCode, output]).toEqual([
      1,
      expect.stringContaining("identity.sqlite has users of another exchange"),
    ]);
  }

  await copyUsers(kept, own.dataDir);
  await own.restart();
  using client = await own.connect("/orders", "json", ann);
  expect(await client.result("account.balances")).toMatchObject({ account_id: "acc_1" });
});
