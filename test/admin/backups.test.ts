import { expect, test } from "bun:test";
import { Backups } from "../../src/admin/backups.ts";
import type { Config } from "../../src/config/config.ts";
import type { BackupSource } from "../../src/housekeeping/backup.ts";

/** Backups whose check is this program. */
function checkedBy(program: string, checking = Promise.withResolvers<void>()): Backups {
  return new Backups({
    config: { dataDir: "/data", persistence: {} } as Config,
    command: [process.execPath, "-e", program],
    housekeeping: {
      async backUp(_: string, { verify }: Pick<BackupSource, "verify">) {
        const checked = verify("wal");
        checking.resolve();
        await checked;
        throw new Error("nothing ended it");
      },
    },
  });
}

const damage = { file: "/x/wal_000003.log", offset: 128, reason: "zeros stand where a batch was" };
const snapshot = { file: "/x/snapshot_7.snap", tick: 7, matches: true, unusable: "it is cut off" };

test.each([
  [
    `console.log(${JSON.stringify(JSON.stringify({ damage, snapshots: [] }))}); process.exit(1)`,
    "the copy is not sound: wal_000003.log: damaged at byte 128: zeros stand where a batch was. " +
      "Look at the exchange's own with `waiver wal verify`",
  ],
  [
    `console.log(${JSON.stringify(JSON.stringify({ damage: null, snapshots: [snapshot] }))}); process.exit(1)`,
    "the copy is not sound: snapshot_7.snap: it is cut off",
  ],
  ['process.kill(process.pid, "SIGKILL")', "the copy could not be checked: it ended with SIGKILL"],
  ['console.error("no memory"); process.exit(1)', "the copy could not be checked: no memory"],
])("a check that fails says what is wrong, in a line", async (program, reason) => {
  await expect(checkedBy(program).make("/backup")).rejects.toMatchObject({
    body: { message: `No backup: ${reason}` },
  });
});

test("a backup check that is cut off by shutdown reports that, and not a bad copy", async () => {
  const checking = Promise.withResolvers<void>();
  // It would check for ever.
  const program = "await new Promise((done) => setTimeout(done, 2 ** 31 - 1))";
  const backups = checkedBy(program, checking);
  const made = backups.make("/backup");
  await checking.promise;
  backups.close();
  await expect(made).rejects.toMatchObject({
    body: { message: "No backup: the exchange is shutting down" },
  });
});
