import { expect, test } from "bun:test";
import { CommandKind } from "../../src/core/command.ts";
import { livePast, PastClock, timesBefore } from "../../src/demo/past.ts";
import { OFFLINE_PLAYERS } from "../../src/players/offline.ts";
import { DataDir, ServerProcess } from "../integration/server-process.ts";

const NOW = 1_795_000_000_000;
const DAY = 86_400_000;

test("its ticks are weeks long, closer together the nearer they are, and never after now", () => {
  const times = timesBefore(NOW);
  expect(times[0]?.at).toBe(NOW - 30 * DAY);
  expect(times.length).toBeLessThan(1000);
  for (const [i, { at, stepMs }] of times.entries()) {
    expect((times[i + 1]?.at ?? NOW) - at).toBe(stepMs);
  }
  expect(times.at(-1)?.stepMs).toBe(60_000);
});

test("every order of it meets another at its price, and the same past comes again", async () => {
  const live = async () => {
    const clock = new PastClock(NOW);
    const commands: Record<string, number>[] = [];
    const submit = async (command: object) => {
      expect(clock.now()).toBeLessThan(NOW);
      commands.push(command as Record<string, number>);
      return {} as never;
    };
    const symbols = OFFLINE_PLAYERS.slice(0, 64).map(({ player_id, position }, symbol) => ({
      ...{ symbol, playerId: player_id, position, increment: 5 },
    }));
    const traders = [
      { account: 1, user: 1 },
      { account: 5, user: 5 },
    ] as const;
    const trades = await livePast({ control: { submit }, clock, symbols, traders, now: NOW });
    expect(commands).toHaveLength(2 * trades);
    expect(clock.now()).toBeGreaterThan(NOW - DAY);
    return commands;
  };
  const commands = await live();
  for (let i = 0; i < commands.length; i += 2) {
    const [first, second] = commands.slice(i, i + 2) as [never, never] as Record<string, number>[];
    expect(second).toMatchObject({
      symbol: first?.symbol,
      price: first?.price,
      quantity: first?.quantity,
    } as never);
    expect(first?.account).not.toBe(second?.account);
    expect([first, second].map((each) => (each?.kind ?? 0) & 255)).toEqual([
      CommandKind.PLACE,
      CommandKind.PLACE,
    ]);
    expect((first?.price ?? 1) % 5).toBe(0);
  }
  expect(await live()).toEqual(commands);
});

test("a new demo has candles of weeks and empty books, once, and its people shares at a price", async () => {
  await using dir = await DataDir.make();
  const args = ["--demo", "--no-market-makers"];
  let server = await ServerProcess.start(dir.path, { args });
  const get = async (path: string, headers?: Record<string, string>) =>
    (await fetch(`${server.url}/api/v1${path}`, { headers: headers ?? {} })).json() as Promise<{
      candles: { trades: number }[];
    }>;
  try {
    const days = await get("/symbols/KCQB1/candles?interval=1d&limit=100");
    expect(days.candles.length).toBeGreaterThan(28);
    const minutes = await get("/symbols/KCQB1/candles?interval=1m&limit=1000");
    expect(minutes.candles.length).toBeGreaterThan(100);
    expect(await get("/symbols/KCQB1/book")).toMatchObject({ bids: [], asks: [] });
    const session = await fetch(`${server.url}/api/v1/demo/session`, { method: "POST" });
    const { token } = (await session.json()) as { token: string };
    const headers = { Authorization: `Bearer ${token}` };
    const equity = (await get("/account/equity", headers)) as unknown as Record<string, number>;
    expect(equity).toMatchObject({ realised: 0, unrealised: 0, day_change: 0 });
    expect(equity.value).toBeGreaterThan(0);
    const { state_hash: before, trades } = await server.ask<Record<string, unknown>>(
      "GET",
      "/state",
    );
    await server.kill();
    server = await ServerProcess.start(dir.path, { args });
    const after = await server.ask<Record<string, unknown>>("GET", "/state");
    expect([after.state_hash, after.trades]).toEqual([before, trades]);
  } finally {
    await server[Symbol.asyncDispose]();
  }
});
