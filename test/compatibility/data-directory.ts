/** The data directory that the earlier version wrote, unpacked for a test. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FIXTURES = join(import.meta.dir, "fixtures");

/** Which of the fixture's files are there. */
export interface Contents {
  /** Number of the first segment. */
  firstSegment: number;
  /** Ticks of the snapshots. */
  snapshots: readonly number[];
}

/** Lives as long as the test: `await using data = await EarlierData.unpack(…)`. */
export class EarlierData implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async unpack({ firstSegment, snapshots }: Contents): Promise<EarlierData> {
    const data = new EarlierData(await mkdtemp(join(tmpdir(), "waiver-earlier-")));
    await unpackSome("wal", data.path, (number) => number >= firstSegment);
    await unpackSome("snapshots", data.path, (number) => snapshots.includes(number));
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** The files of a folder whose number is wanted: `wal-000002.log.zst` becomes `wal_000002.log`. */
async function unpackSome(
  folder: string,
  target: string,
  isWanted: (number: number) => boolean,
): Promise<void> {
  await mkdir(join(target, folder));
  for (const file of await readdir(join(FIXTURES, folder))) {
    const [, kind, number, ending] = /^(\w+)-(\d+)(\.\w+)\.zst$/.exec(file) ?? [];
    if (!isWanted(Number(number))) continue;
    const packed = await Bun.file(join(FIXTURES, folder, file)).bytes();
    const bytes = await Bun.zstdDecompress(packed);
    await Bun.write(join(target, folder, `${kind}_${number}${ending}`), bytes);
  }
}
