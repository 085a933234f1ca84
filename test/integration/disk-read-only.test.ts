/** The journal on a disk that breaks down while it is written to. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { expectFailed, readiness } from "./disk-status.ts";
import { OrderFlood } from "./order-flood.ts";
import { canMount, SmallDisk } from "./small-disk.ts";
import { Venue } from "./venue.ts";

const MIB = 1024 * 1024;

describe.skipIf(!(await canMount("ext4")))("a failed disk (skipped without an ext4)", () => {
  test("under load stops acknowledgements and nothing else, and loses none of them", async () => {
    await using disk = await SmallDisk.mount("ext4", 64 * MIB);
    const config = `[persistence.local]\nwal_dir = "${join(disk.path, "wal")}"\nlow_space_bytes = 0\n`;
    const sizes = `segment_bytes = ${MIB}\n[market]\nring_commands = 8192\n`;
    await using venue = await Venue.open({ config: config + sizes });
    const floods = [
      await OrderFlood.open(venue, venue.symbol()),
      await OrderFlood.open(venue, venue.symbol()),
    ];
    const [symbol] = floods.map((flood) => flood.symbol);
    using watcher = await venue.open("/market-data");
    await watcher.result("subscribe", { channels: ["book"], symbols: [symbol] });

    for (const flood of floods) flood.run(32);
    const isBusy = () => floods.every(({ acknowledged }) => acknowledged >= 2000);
    await Promise.all(floods.map(({ client }) => client.until(isBusy, "orders")));
    disk.breakDown();
    const isRefused = () => floods.every(({ refused }) => refused >= 1000);
    await Promise.all(floods.map(({ client }) => client.until(isRefused, "refusals")));
    await expectFailed(venue, /EROFS|EIO/, "the kernel's log");

    expect(watcher.isOpen).toBe(true);
    expect((await watcher.result("ping")).timestamp).toBeNumber();
    // The core may have applied a tick whose flush failed: then nobody is told of its books.
    const { result, error } = await watcher.request("book.snapshot", { symbol });
    expect(result?.symbol ?? error?.code).toBeOneOf([symbol, 50700]);

    for (const flood of floods) await flood.stop();
    expect(await venue.server.stop()).toBe(1);
    disk.repair();
    await venue.restart();
    expect(await readiness(venue)).toMatchObject({ http: 200, status: "ok" });
    for (const flood of floods) {
      await flood.reconnect(venue);
      await flood.expectKept(true);
      expect(flood.orders.size).toBeGreaterThan(1000);
      flood[Symbol.dispose]();
    }
    await venue.server.kill();
  });
});
