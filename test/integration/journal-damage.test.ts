import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { copyFile, cp, open, readdir, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { ServerProcess } from "./server-process.ts";
import { type User, Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

const BATCHES = 20;
const BURST = 40;
/** Small, as it is copied for each test. */
const CONFIG = "[persistence.local]\nsegment_bytes = 1048576\n[market]\nring_commands = 8192\n";

/** The journal of an exchange that was killed: orders one by one, and then many in one tick, which end it. */
class Journal implements AsyncDisposable {
  private constructor(
    readonly venue: Venue,
    readonly user: User,
    readonly dir: string,
    readonly file: string,
  ) {}

  static async write(): Promise<Journal> {
    const venue = await Venue.open({ config: CONFIG });
    const user = await venue.user({ cash: 1_000_000 });
    using client = await venue.connect("/orders", "json", user);
    const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
    for (let batch = 0; batch < BATCHES; batch++) await client.result("order.place", order);
    await client.result("order.batch", { orders: Array.from({ length: BURST }, () => order) });
    await venue.server.kill();
    const dir = join(venue.dataDir, "wal");
    // The first one; the next segment, still empty, may stand beside it.
    const [name = ""] = (await readdir(dir)).filter((each) => each.endsWith(".log")).sort();
    await cp(venue.dataDir, `${venue.dataDir}.whole`, { recursive: true });
    return new Journal(venue, user, dir, join(dir, name));
  }

  /** All of the data as it was when it was written; nothing runs on it. */
  async renew(): Promise<void> {
    const { dataDir, server } = this.venue;
    await server.kill();
    await rm(dataDir, { recursive: true });
    await cp(`${dataDir}.whole`, dataDir, { recursive: true });
  }

  /** Where the batches end and the preallocated zeros begin. */
  async usedBytes(): Promise<number> {
    const bytes = new Uint8Array(await Bun.file(this.file).arrayBuffer());
    return bytes.findLastIndex((byte) => byte !== 0) + 1;
  }

  /** Changes the bytes from `offset` on. */
  async overwrite(offset: number, change: (bytes: Uint8Array) => void, length: number) {
    const handle = await open(this.file, "r+");
    const bytes = new Uint8Array(length);
    await handle.read(bytes, 0, length, offset);
    change(bytes);
    await handle.write(bytes, 0, length, offset);
    await handle.close();
  }

  async openOrders(): Promise<number> {
    return Number((await this.venue.server.ask<Members>("GET", "/state")).open_orders);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.venue[Symbol.asyncDispose]();
  }
}

let journal: Journal;
beforeAll(async () => {
  journal = await Journal.write();
});
beforeEach(() => journal.renew());
afterAll(() => journal[Symbol.asyncDispose]());

test("a flipped bit stops the start, which names file and offset; with the bit mended it starts", async () => {
  const { venue, file } = journal;
  const used = await journal.usedBytes();
  const flip = (offset: number) =>
    journal.overwrite(
      offset,
      (bytes) => {
        bytes[0] = (bytes[0] ?? 0) ^ 0x10;
      },
      1,
    );
  for (const part of [0.1, 0.4, 0.8]) {
    const offset = Math.floor(used * part);
    await flip(offset);
    const { exitCode, output } = await ServerProcess.startAndFail(venue.dataDir, {
      config: CONFIG,
    });
    expect([part, exitCode, output.includes(file)]).toEqual([part, 1, true]);
    expect(output).toMatch(/(?:byte|offset) \d+/i);
    expect(output).not.toMatch(/\n\s+at .*:\d+:\d+/);
    await flip(offset);
  }
  await venue.restart();
  expect(await journal.openOrders()).toBe(BATCHES + BURST);
});

test("a batch that was half written is cut and logged, and the exchange goes on", async () => {
  const { venue, file, user } = journal;
  const used = await journal.usedBytes();
  const whole = `${file}.whole`;
  await copyFile(file, whole);
  // What did not reach the disk reads as the zeros that the file was made of. The last tick is longer than that.
  for (const lost of [1, 40, 700]) {
    await copyFile(whole, file);
    await journal.overwrite(used - lost, (bytes) => bytes.fill(0), lost);
    await venue.restart();
    expect(venue.server.output).toMatch(/torn|cut|tail/i);
    expect(await journal.openOrders()).toBe(BATCHES);
    await venue.server.kill();
  }
  await venue.restart();
  const kept = await journal.openOrders();
  using client = await venue.connect("/orders", "json", user);
  const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  await client.result("order.place", order);
  await venue.crash();
  expect(await journal.openOrders()).toBe(kept + 1);
});

test("a file that ends in the middle of its last batch has a torn tail too", async () => {
  await truncate(journal.file, (await journal.usedBytes()) - 3);
  await journal.venue.restart();
  expect(journal.venue.server.output).toMatch(/torn|cut|tail/i);
  expect(await journal.openOrders()).toBe(BATCHES);
});

test("a journal that is gone stops the start: its users must not find an empty exchange", async () => {
  await Bun.file(journal.file).delete();
  const { exitCode, output } = await ServerProcess.startAndFail(journal.venue.dataDir, {
    config: CONFIG,
  });
  expect(exitCode).toBe(1);
  expect(output).toContain(journal.dir);
});
