import { expect, test } from "bun:test";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { auditBooks } from "./books-audit.ts";
import { ANY_NUMBER, detailed } from "./expectations.ts";
import { loadTraders, SeededRandom } from "./load-generator.ts";
import { RawConnection } from "./raw-connection.ts";
import { DataDir, ServerProcess } from "./server-process.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members, type Response } from "./wire-client.ts";

const SEED = Date.now() % 2 ** 31;

test(`SIGTERM under load drains: notice, 50302, answers, 1012, exit 0 (seed ${SEED})`, async () => {
  process.stdout.write(`shutdown: seed ${SEED}\n`);
  const random = new SeededRandom(SEED);
  await using venue = await Venue.open();
  const { traders, given } = await loadTraders(venue, random);
  using reader = await venue.open("/market-data", "msgpack");
  await reader.result("subscribe", { channels: ["status"], symbols: ["*"] });
  for (const trader of traders) trader.run(32);
  const busy = () => traders.every(({ answers }) => answers > 300);
  await Promise.all(traders.map(({ client }) => client.until(busy, "a load")));

  venue.server.signal("SIGTERM");
  const closings = await Promise.all(
    [...traders.flatMap(({ client, events }) => [client, events]), reader].map(
      ({ closed }) => closed,
    ),
  );
  expect(closings.map(({ code }) => code)).toEqual(closings.map(() => 1012));
  expect(await venue.server.exited).toBe(0);
  const notices = reader.of("status").filter(({ event }) => event === "shutdown");
  expect(notices.map(({ message, ...notice }) => notice)).toEqual([
    { event: "shutdown", timestamp: ANY_NUMBER, tick: ANY_NUMBER },
  ]);
  const refusals = new Set(traders.flatMap((trader) => [...trader.refusals.keys()]));
  expect([...refusals].filter((code) => code >= 50000)).toEqual(
    [...refusals].includes(50302) ? [50302] : [],
  );

  await venue.restart();
  for (const trader of traders) {
    trader.disconnect();
    await trader.connect(venue);
  }
  await auditBooks(venue, traders, given);
});

test.each(ENCODINGS)(
  "orders taken before the signal are answered and kept, later ones get 50302 (%s)",
  async (encoding) => {
    await using venue = await Venue.open();
    const symbol = venue.symbol();
    const user = await venue.user({ cash: 1_000_000 });
    using client = await venue.connect("/orders", encoding, user);
    const answers = new Map<number, Response>();
    const order = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
    const send = (n: number): void =>
      client.notify("order.place", { ...order, client_order_id: `o-${n}` }, (response) => {
        answers.set(n, response);
      });
    let sent = 0;
    for (; sent < 200; sent++) send(sent);
    await client.until(() => answers.size > 0, "the first answer");
    venue.server.signal("SIGTERM");
    for (; sent < 2_000; sent++) send(sent);
    while (client.isOpen) {
      const before = answers.size;
      await Promise.race([
        client.closed,
        client.until(() => answers.size > before, "an answer").catch(() => {}),
      ]);
      if (client.isOpen) send(sent++);
    }
    expect((await client.closed).code).toBe(1012);
    expect(await venue.server.exited).toBe(0);
    const refused = [...answers.values()].filter(({ error }) => error !== undefined);
    for (const { error } of refused) {
      expect(error).toEqual(detailed(50302, { retry_after_ms: ANY_NUMBER }));
    }
    const accepted = [...answers].filter(([, { result }]) => result !== undefined);
    expect(accepted.length).toBeGreaterThan(0);

    await venue.restart();
    using again = await venue.connect("/orders", encoding, user);
    const { orders } = await again.result("orders.open");
    const open = (orders as Members[]).map(({ client_order_id }) => client_order_id);
    // Accepted and only accepted: an order in the book whose owner was never told would be one too many.
    expect(open.toReversed()).toEqual(accepted.map(([n]) => `o-${n}`));
  },
);

test("while it drains, new connections are turned away", async () => {
  await using venue = await Venue.open();
  venue.server.signal("SIGTERM");
  const replies: number[] = [];
  try {
    for (;;) {
      using connection = await RawConnection.open(venue.server.port);
      replies.push((await connection.upgrade("/orders")).status);
    }
  } catch {
    // Refused: it has stopped listening.
  }
  expect(replies.filter((status) => ![101, 503].includes(status) && !Number.isNaN(status))).toEqual(
    [],
  );
  expect(await venue.server.exited).toBe(0);
});

test("SIGINT ends it as orderly, and a second signal does no harm", async () => {
  await using venue = await Venue.open();
  using client = await venue.open("/market-data");
  venue.server.signal("SIGINT");
  venue.server.signal("SIGTERM");
  expect((await client.closed).code).toBe(1012);
  expect(await venue.server.exited).toBe(0);
});

test("an exchange whose demo cannot start is closed in order before the start fails", async () => {
  await using dir = await DataDir.make();
  await mkdir(dir.path);
  await writeFile(join(dir.path, "demo-accounts.json"), "[");
  const { exitCode, output } = await ServerProcess.startAndFail(dir.path, { args: ["--demo"] });
  expect([exitCode, output]).toEqual([1, expect.stringContaining("demo-accounts.json: damaged: ")]);
  // The last snapshot, which only an orderly end takes.
  const names = await readdir(join(dir.path, "snapshots"));
  expect(names.filter((name) => name.endsWith(".snap"))).toHaveLength(1);
});
