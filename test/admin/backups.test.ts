import { expect, test } from "bun:test";
import { Backups } from "../../src/admin/backups.ts";
import type { Config } from "../../src/config/config.ts";
import type { BackupSource } from "../../src/housekeeping/backup.ts";

test("a check that the end of the exchange cuts off says so, and not that the copy is bad", async () => {
  const checking = Promise.withResolvers<void>();
  const backups = new Backups({
    config: { dataDir: "/data", persistence: {} } as Config,
    // It would check for ever.
    command: [process.execPath, "-e", "await new Promise((done) => setTimeout(done, 2 ** 31 - 1))"],
    housekeeping: {
      async backUp(_: string, { verify }: Pick<BackupSource, "verify">) {
        const checked = verify("wal");
        checking.resolve();
        await checked;
        throw new Error("nothing ended it");
      },
    },
  });
  const made = backups.make("/backup");
  await checking.promise;
  backups.close();
  await expect(made).rejects.toMatchObject({
    body: { message: "No backup: the exchange is shutting down" },
  });
});
