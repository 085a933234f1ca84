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

test("an identity store of another exchange stops the start, also one from a backup", async () => {
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

test("a journal that is older than its users is reported until a restart with the newer one", async () => {
  await using venue = await Venue.open();
  const ann = await venue.user({ cash: 1_000_000 });
  expect(await venue.server.stop()).toBe(0);
  const kept = await mkdtemp(join(tmpdir(), "older-"));
  await using _ = { [Symbol.asyncDispose]: () => rm(kept, { recursive: true }) };
  const copy = async (from: string, to: string): Promise<void> => {
    for (const name of ["wal", "snapshots"]) {
      await rm(join(to, name), { recursive: true, force: true });
      await cp(join(from, name), join(to, name), { recursive: true });
    }
  };
  await copy(venue.dataDir, kept);
  await venue.restart();
  const journal = async (): Promise<unknown> => {
    const ready = await fetch(`${venue.server.url}/readyz`);
    return ((await ready.json()) as { components: { journal: unknown } }).components.journal;
  };
  expect(await journal()).toMatchObject({ status: "ok" });
  // No account is opened meanwhile: what happens has no other trace in the files beside.
  await venue.server.ask("POST", `/accounts/${ann.account_id}/deposit`, { cash: 5 });
  expect(await venue.server.stop()).toBe(0);

  await copy(kept, venue.dataDir);
  await venue.restart();
  await venue.server.logged("the journal is older than its users");
  expect(await journal()).toMatchObject({
    status: "degraded",
    reason: expect.stringMatching(/^the journal ends with tick \d+, and had tick \d+ when/),
  });
  expect(await venue.server.stop()).toBe(0);
  await venue.restart();
  expect(await journal()).toMatchObject({ status: "ok" });
});
