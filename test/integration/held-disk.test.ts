/** The disk of the journal does not answer for a while. */
import { expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../lib/eventually.ts";
import { ANY_NUMBER, detailed } from "./expectations.ts";
import { DataDir } from "./server-process.ts";
import { Venue } from "./venue.ts";
import type { Response } from "./wire-client.ts";

const PRELOAD = join(import.meta.dir, "held-disk.ts");

test("while the disk hangs new orders are refused and a stop is announced; what waited is answered afterwards", async () => {
  await using dir = await DataDir.make();
  const hold = join(dir.root, "hold");
  await using venue = await Venue.open({
    env: { HELD_DISK: hold, WAIVER_MARKET__WARM_UP: "false" },
    program: [process.execPath, "--no-orphans", "--preload", PRELOAD, "src/main.ts"],
  });
  const symbol = venue.symbol();
  const user = await venue.user({ cash: 1_000_000 });
  using client = await venue.connect("/orders", "json", user);
  using reader = await venue.open("/market-data");
  await reader.result("subscribe", { channels: ["status"], symbols: ["*"] });
  const order = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };

  writeFileSync(hold, "");
  const first = client.request("order.place", order);
  // Each of these is refused, or waits for the disk.
  const refused: unknown[] = [];
  const take = ({ error }: Response) => void (error && refused.push(error));
  await eventually(() => {
    client.notify("order.place", { ...order, price: 11 }, take);
    return refused.length > 0;
  });
  expect(refused[0]).toEqual(detailed(50300, { retry_after_ms: ANY_NUMBER }));
  expect((await reader.request("ping")).error).toBeUndefined();

  venue.server.signal("SIGTERM");
  const isTold = () => reader.of("status").some(({ event }) => event === "shutdown");
  await reader.until(isTold, "the notice");
  expect((await client.request("order.place", order)).error).toEqual(
    detailed(50302, { retry_after_ms: ANY_NUMBER }),
  );

  rmSync(hold);
  expect((await first).result).toMatchObject({ status: "ACCEPTED" });
  expect([(await reader.closed).code, await venue.server.exited]).toEqual([1012, 0]);
});
