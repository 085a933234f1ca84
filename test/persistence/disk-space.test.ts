import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiskSpace } from "../../src/persistence/disk-space.ts";
import { diskFileSystem } from "../../src/persistence/wal/file-system.ts";

/** A file system whose free bytes the test sets. */
function openDisk(lowSpaceBytes: number) {
  const disk = { free: 1000 as number | Error, asked: [] as string[], checks: 0 };
  const space = new DiskSpace({
    directories: ["/data/wal"],
    lowSpaceBytes,
    deviceOf: async () => 1,
    async freeBytes(directory) {
      disk.asked.push(directory);
      if (disk.free instanceof Error) throw disk.free;
      return disk.free;
    },
    onChecked: () => {
      disk.checks++;
    },
  });
  return { disk, space };
}

test("room below the limit is a warning that names both, until there is more", async () => {
  const { disk, space } = openDisk(1000);
  expect([space.freeBytes, space.warning]).toEqual([Number.NaN, null]);
  await space.check();
  expect([space.freeBytes, space.warning]).toEqual([1000, null]);
  disk.free = 999;
  await space.check();
  expect(space.freeBytes).toBe(999);
  expect(space.warning?.message).toBe("999 bytes are free in /data/wal, below the limit of 1000");
  expect(space.warning).toMatchObject({ code: "ENOSPC" });
  disk.free = 1001;
  await space.check();
  expect([space.freeBytes, space.warning]).toEqual([1001, null]);
  expect(disk.asked).toEqual(["/data/wal", "/data/wal", "/data/wal"]);
  expect(disk.checks).toBe(3);
});

test("a limit of 0 never warns of a full disk", async () => {
  const { disk, space } = openDisk(0);
  disk.free = 0;
  await space.check();
  expect([space.freeBytes, space.warning]).toEqual([0, null]);
});

test("a disk that does not answer is a warning of its own", async () => {
  const { disk, space } = openDisk(1000);
  disk.free = new Error("EIO: i/o error, statfs '/data/wal'");
  await space.check();
  expect(space.freeBytes).toBeNaN();
  expect(space.warning?.message).toBe(
    "free space of /data/wal is unknown: EIO: i/o error, statfs '/data/wal'",
  );
  expect(space.warning?.cause).toBe(disk.free);
  disk.free = 1000;
  await space.check();
  expect(space.warning).toBeNull();
});

test("one question at a time: a disk that hangs is not asked again", async () => {
  const answer = Promise.withResolvers<number>();
  let asked = 0;
  const space = new DiskSpace({
    directories: ["/data/wal"],
    lowSpaceBytes: 1000,
    deviceOf: async () => 1,
    freeBytes: () => {
      asked++;
      return answer.promise;
    },
  });
  const checks = [space.check(), space.check()];
  answer.resolve(5);
  await Promise.all(checks);
  expect([asked, space.freeBytes]).toEqual([1, 5]);
  await space.check();
  expect(asked).toBe(2);
});

test("each file system is watched once, and the least room of all is told", async () => {
  const free: Record<string, number> = { "/wal": 3000, "/wal/snapshots": 2999, "/data": 2000 };
  const space = new DiskSpace({
    directories: ["/wal", "/wal/snapshots", "/data"],
    lowSpaceBytes: 1000,
    freeBytes: async (directory) => free[directory] ?? Number.NaN,
    deviceOf: async (directory) => (directory === "/data" ? 2 : 1),
  });
  await space.start();
  try {
    expect([space.freeBytes, space.warning]).toEqual([2000, null]);
    free["/data"] = 999;
    await space.check();
    expect(space.freeBytes).toBe(999);
    expect(space.warning?.message).toBe("999 bytes are free in /data, below the limit of 1000");
    free["/wal"] = 5;
    await space.check();
    expect(space.freeBytes).toBe(5);
    expect(space.warning?.message).toBe(
      "5 bytes are free in /wal, below the limit of 1000; 999 bytes are free in /data, below the limit of 1000",
    );
    expect(space.warning).toMatchObject({ code: "ENOSPC" });
  } finally {
    space.stop();
  }
});

test("a disk that hangs does not hide that another is full", async () => {
  const answer = Promise.withResolvers<number>();
  const space = new DiskSpace({
    directories: ["/wal", "/data"],
    lowSpaceBytes: 1000,
    freeBytes: (directory) => (directory === "/data" ? answer.promise : Promise.resolve(999)),
    deviceOf: async (directory) => directory.length,
  });
  const check = space.check();
  while (space.warning === null) await new Promise((resolve) => setImmediate(resolve));
  expect(space.warning.message).toBe("999 bytes are free in /wal, below the limit of 1000");
  answer.resolve(1000);
  await check;
});

test("a started one checks at once and then from time to time, until it is stopped", async () => {
  const { disk, space } = openDisk(1000);
  await space.start(1);
  expect(space.freeBytes).toBe(1000);
  disk.free = 1;
  while (space.warning === null) await new Promise((resolve) => setImmediate(resolve));
  space.stop();
  await space.check();
  const { checks } = disk;
  disk.free = 1000;
  // A timer that were still there would be due before this one.
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      clearInterval(timer);
      resolve();
    }, 5);
  });
  expect([disk.checks, space.freeBytes]).toEqual([checks, 1]);
});

test("a real file system says how much room it has", async () => {
  const directory = mkdtempSync(join(tmpdir(), "waiver-disk-space-"));
  try {
    const free = await diskFileSystem.freeBytes(directory);
    expect(free).toBeGreaterThan(0);
    await expect(diskFileSystem.freeBytes(join(directory, "none"))).rejects.toThrow("ENOENT");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
