/** Starting where there is no room, no right or no directory: refused in one line that says what to do. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { DataDir, ServerProcess } from "./server-process.ts";
import { canMount, SmallDisk } from "./small-disk.ts";
import { Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

const MIB = 1024 * 1024;

const CONFIG = "[persistence.local]\nsegment_bytes = 1048576\n[market]\nring_commands = 8192\n";

/** Starts a server on `dataDir` and expects it to refuse with this one line. */
async function expectRefusal(dataDir: string, line: RegExp, config = CONFIG): Promise<void> {
  await using files = await DataDir.make();
  const { exitCode, output } = await ServerProcess.startAndFail(dataDir, {
    config,
    configFile: join(files.root, "waiver.toml"),
  });
  const said = output.split("\n").filter((each) => !each.startsWith("{"));
  expect([exitCode, said]).toEqual([1, [expect.stringMatching(line)]]);
}

function withJournalIn(path: string): string {
  return CONFIG.replace("\n", `\nwal_dir = "${path}"\n`);
}

/** A venue with one order, whose journal is on the disk, stopped. */
async function stoppedVenue(disk: SmallDisk): Promise<Venue> {
  const venue = await Venue.open({ config: withJournalIn(join(disk.path, "wal")) });
  const user = await venue.user({ cash: 100 });
  using client = await venue.connect("/orders", "json", user);
  const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  await client.result("order.place", order);
  await venue.server.kill();
  return venue;
}

async function expectOneOrder(venue: Venue): Promise<void> {
  await venue.restart();
  expect((await venue.server.ask<Members>("GET", "/state")).open_orders).toBe(1);
  await venue.server.kill();
}

describe.skipIf(!(await canMount("tmpfs")))(
  "a start (refused disks skipped without a tmpfs)",
  () => {
    const FULL =
      /^The exchange cannot start: .*(ENOSPC|disk is full).*\. Free space on this file system, or make it larger;.*\.$/;
    const READ_ONLY =
      /^The exchange cannot start: .*(EROFS|readonly|read-only).*\. Make the file system writable;.*\.$/;

    test("on a full disk", async () => {
      await using disk = await SmallDisk.mount("tmpfs", 4 * MIB);
      await disk.addBallast(0);
      await expectRefusal(join(disk.path, "data"), FULL);
      await using dir = await DataDir.make();
      await expectRefusal(dir.path, FULL, withJournalIn(join(disk.path, "wal")));
    });

    test("on a disk that has become full, and again when there is room", async () => {
      await using disk = await SmallDisk.mount("tmpfs", 4 * MIB);
      await using venue = await stoppedVenue(disk);
      // An orderly end trims the segments: a start finds nothing there that it could free.
      await venue.restart();
      await venue.server.stop();
      await disk.addBallast(0);
      for (let attempt = 0; attempt < 3; attempt++) {
        await expectRefusal(venue.dataDir, FULL, withJournalIn(join(disk.path, "wal")));
      }
      await disk.removeBallast();
      await expectOneOrder(venue);
    });

    test("on a read-only disk", async () => {
      await using disk = await SmallDisk.mount("tmpfs", 4 * MIB);
      await using venue = await stoppedVenue(disk);
      disk.setReadOnly();
      await expectRefusal(venue.dataDir, READ_ONLY, withJournalIn(join(disk.path, "wal")));
      await expectRefusal(join(disk.path, "data"), READ_ONLY);
      await using dir = await DataDir.make();
      await expectRefusal(dir.path, READ_ONLY, withJournalIn(join(disk.path, "other")));
    });
  },
);

const NO_DIRECTORY =
  /^The exchange cannot start: .*(EEXIST|ENOTDIR).*\. Something that is no directory stands in its place:.*\.$/;

test("a file where the data directory or the journal's should be stops the start", async () => {
  await using dir = await DataDir.make();
  const file = join(dir.root, "file");
  await Bun.write(file, "not a directory");
  await expectRefusal(file, NO_DIRECTORY);
  await expectRefusal(join(file, "data"), NO_DIRECTORY);
  await expectRefusal(dir.path, NO_DIRECTORY, withJournalIn(file));
  await expectRefusal(dir.path, NO_DIRECTORY, withJournalIn(join(file, "wal")));
});
