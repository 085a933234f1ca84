import { describe, expect, test } from "bun:test";
import { Random } from "../core/fuzz/random.ts";
import { GENTLE, type Temper } from "./disk-trouble.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { Story } from "./story.ts";

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

function diskOf(seed: number, temper: Partial<Temper> = {}): SimulatedDisk {
  const disk = new SimulatedDisk(new Random(seed), new Story());
  disk.makeDirectory("wal");
  disk.serve({ ...GENTLE, ...temper });
  return disk;
}

/** Makes `wal/a` with `content`, durable. */
function withFile(disk: SimulatedDisk, content: Uint8Array): number {
  const file = disk.open("wal/a", "create");
  disk.writeAtAndWait(file, content, 0);
  disk.fdatasyncAndWait(file);
  disk.syncDirectoryAndWait("wal");
  return file;
}

/** The first byte of each 512 of every file. */
function sectors(disk: SimulatedDisk): Record<string, number[]> {
  const files = disk.contents().map(([path, bytes]): [string, number[]] => {
    return [path, [...bytes].filter((_, i) => i % 512 === 0)];
  });
  return Object.fromEntries(files);
}

/** Every outcome over all seeds, each once. */
function outcomes(run: (seed: number) => unknown): string[] {
  return [...new Set(SEEDS.map((seed) => JSON.stringify(run(seed))))].sort();
}

const content = (byte: number): Uint8Array => new Uint8Array(1024).fill(byte);

describe("a crash", () => {
  test("keeps what was synced", () => {
    const after = outcomes((seed) => {
      const disk = diskOf(seed);
      withFile(disk, content(1));
      disk.crash();
      return sectors(disk);
    });
    expect(after).toEqual(['{"wal/a":[1,1]}']);
  });

  test("keeps any of the unsynced sectors, in any of their states", () => {
    const after = outcomes((seed) => {
      const disk = diskOf(seed);
      const file = withFile(disk, content(1));
      disk.writeAtAndWait(file, content(2), 0);
      disk.writeAtAndWait(file, content(3), 0);
      disk.crash();
      return sectors(disk)["wal/a"];
    });
    const states = [1, 2, 3].flatMap((a) => [1, 2, 3].map((b) => `[${a},${b}]`));
    expect(after).toEqual(states);
  });

  test("keeps a new name or not, and a renamed file under exactly one name", () => {
    const after = outcomes((seed) => {
      const disk = diskOf(seed);
      withFile(disk, content(1));
      disk.rename("wal/a", "wal/b");
      disk.open("wal/c", "create");
      disk.crash();
      return Object.keys(sectors(disk));
    });
    const names = ['["wal/a"]', '["wal/a","wal/c"]', '["wal/b"]', '["wal/b","wal/c"]'];
    expect(after).toEqual(names.sort());
  });

  test("keeps a truncated file at its old or its new length", () => {
    const after = outcomes((seed) => {
      const disk = diskOf(seed);
      const file = withFile(disk, content(1));
      disk.truncateAndWait(file, 512);
      disk.crash();
      return sectors(disk)["wal/a"];
    });
    // Whether the cut sector was cleared is one thing, the file's size another.
    expect(after).toEqual(["[1,0]", "[1,1]", "[1]"]);
  });

  test("lets begun operations happen or not, and none calls back", () => {
    const after = outcomes((seed) => {
      const disk = diskOf(seed);
      const file = withFile(disk, content(1));
      let called = false;
      disk.fdatasync(file, () => {
        called = true;
      });
      void disk.writeAt(file, content(2), 0);
      disk.crash();
      return [called, disk.step(), sectors(disk)["wal/a"]];
    });
    expect(after).toContain("[false,false,[1,1]]");
    expect(after).toContain("[false,false,[2,2]]");
    expect(after.filter((outcome) => !outcome.startsWith("[false,false,"))).toEqual([]);
  });
});

test("a killed process loses nothing that it wrote", () => {
  const disk = diskOf(1);
  const file = withFile(disk, content(1));
  disk.writeAtAndWait(file, content(2), 0);
  disk.rename("wal/a", "wal/b");
  disk.kill();
  expect(sectors(disk)).toEqual({ "wal/b": [2, 2] });
});

describe("a failed sync", () => {
  for (const dropsPages of [false, true]) {
    const what = dropsPages ? "drops" : "keeps";
    test(`${what} pages that the disk does not have, and no later sync writes them`, () => {
      const after = outcomes((seed) => {
        const disk = diskOf(seed);
        const file = withFile(disk, content(1));
        disk.writeAtAndWait(file, content(2), 0);
        disk.serve({ ...GENTLE, faultOnceIn: 1, dropsPages });
        expect(() => disk.fdatasyncAndWait(file)).toThrow("EIO");
        disk.serve(GENTLE);
        disk.fdatasyncAndWait(file);
        const seen = sectors(disk)["wal/a"];
        disk.crash();
        return [seen, sectors(disk)["wal/a"]];
      });
      const pairs = ["[1,1]", "[1,2]", "[2,1]", "[2,2]"];
      expect(after).toEqual(pairs.map((left) => `[${dropsPages ? left : "[2,2]"},${left}]`).sort());
    });
  }
});

test("a full disk accepts what fits, in whole sectors", () => {
  const disk = diskOf(1, { capacityBytes: 1700 });
  const file = withFile(disk, content(1));
  expect(() => disk.writeAtAndWait(file, content(2), 1024)).toThrow("write");
  expect(sectors(disk)).toEqual({ "wal/a": [1, 1, 2] });
});

test("without power no operation happens", () => {
  const disk = diskOf(1, { operationsUntilPowerLoss: 5 });
  const file = withFile(disk, content(1));
  expect(() => disk.size(file)).toThrow("power");
  expect(() => disk.list("wal")).toThrow("power");
  expect(disk.isOff).toBe(true);
});
