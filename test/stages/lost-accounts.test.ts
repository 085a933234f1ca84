import { expect, test } from "bun:test";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandKind } from "../../src/core/command.ts";
import { IDENTITY_FILE } from "../../src/identity/identity-store.ts";
import { openRealExchange } from "../gateway/real-exchange.ts";

const NOT_FLUSHED = { WAIVER_PERSISTENCE__LOCAL__DURABILITY: "interval" };

test("accounts that a power failure took from the journal are opened again, whoever owns them, in the order of their numbers", async () => {
  await using real = await openRealExchange(NOT_FLUSHED);
  await real.createUser();
  const before = mkdtempSync(join(tmpdir(), "before-"));
  cpSync(real.dataDir, before, { recursive: true });

  await real.exchange.control.submit({ kind: CommandKind.OPEN_ACCOUNT, account: 2, actor: 2 });
  await real.createUser();
  await real.exchange.operations.openAccount("usr_1", { cash: 70 });
  await real.exchange.operations.openAccount("usr_2", {});
  await real.restart(NOT_FLUSHED, () => {
    const ofUsers = (name: string) => name.startsWith(IDENTITY_FILE.split(".")[0] as string);
    for (const name of readdirSync(real.dataDir)) {
      if (!ofUsers(name)) rmSync(join(real.dataDir, name), { recursive: true });
    }
    cpSync(before, real.dataDir, { recursive: true, filter: (path) => !path.includes("identity") });
    rmSync(before, { recursive: true });
  });

  const lost = "account lost with unflushed ticks: opened again, empty";
  expect(real.warnings).toEqual([lost, lost, lost, lost]);
  const { operations } = real.exchange;
  const owners: unknown[] = [];
  for (const id of ["acc_1", "acc_2", "acc_3", "acc_4", "acc_5"]) {
    const { user_id, cash } = await operations.account(id);
    owners.push([user_id, cash.total]);
  }
  expect(owners).toEqual([
    ["usr_1", 1_000_000],
    [null, 0],
    ["usr_2", 0],
    ["usr_1", 0],
    ["usr_2", 0],
  ]);
});
