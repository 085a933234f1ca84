/** The data directory that an earlier version wrote, unpacked for a test. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FIXTURES = join(import.meta.dir, "fixtures");
const VERSION_2 = join(import.meta.dir, "version-2");
/** Its snapshot ends segment 12, like the newer snapshot of the fixture. */
const VERSION_2_SEGMENT = 12;

/** Which files the fixture contains. */
export interface Contents {
  /** Number of the first segment. */
  firstSegment: number;
  /** Ticks of the snapshots. */
  snapshots: readonly number[];
}

/** Exists as long as the test: `await using data = await EarlierData.unpack(…)`. */
export class EarlierData implements AsyncDisposable {
  /** The data directory. The configuration file of a server on it is beside it. */
  readonly path: string;

  private constructor(private readonly root: string) {
    this.path = join(root, "data");
  }

  static async unpack({ firstSegment, snapshots }: Contents): Promise<EarlierData> {
    const data = new EarlierData(await mkdtemp(join(tmpdir(), "waiver-earlier-")));
    await unpackSome("wal", data.path, (number) => number >= firstSegment);
    await unpackSome("snapshots", data.path, (number) => snapshots.includes(number));
    return data;
  }

  /** A snapshot of version 2, and the segments after it. */
  static async unpackVersion2(): Promise<EarlierData> {
    const data = await EarlierData.unpack({ firstSegment: VERSION_2_SEGMENT, snapshots: [] });
    await unpackFolder(VERSION_2, join(data.path, "snapshots"), () => true);
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/** The files of a folder whose number is selected: `wal-000002.log.zst` becomes `wal_000002.log`. */
async function unpackSome(
  folder: string,
  target: string,
  isWanted: (number: number) => boolean,
): Promise<void> {
  await mkdir(join(target, folder), { recursive: true });
  await unpackFolder(join(FIXTURES, folder), join(target, folder), isWanted);
}

async function unpackFolder(
  from: string,
  target: string,
  isWanted: (number: number) => boolean,
): Promise<void> {
  for (const file of await readdir(from)) {
    const [, kind, number, ending] = /^(\w+)-(\d+)(\.\w+)\.zst$/.exec(file) ?? [];
    if (number === undefined || !isWanted(Number(number))) continue;
    const bytes = await Bun.zstdDecompress(await Bun.file(join(from, file)).bytes());
    await Bun.write(join(target, `${kind}_${number}${ending}`), bytes);
  }
}
