import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../lib/eventually.ts";
import { DataDir, ServerProcess } from "./server-process.ts";
import { type Members, WireClient } from "./wire-client.ts";

const DATA =
  Bun.env.WAIVER_SLEEPER_DATA ??
  join(import.meta.dir, "../../../shared/data/sleeper-players-nfl.json");
const missing = !existsSync(DATA);
if (missing) process.stdout.write(`skipped: no Sleeper data at ${DATA}\n`);

const POSITIONS = ["QB", "RB", "WR", "TE", "K", "DEF"];

/** One player as Sleeper tells of it, as far as the selection looks. */
interface SleeperPlayer {
  readonly player_id: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly team: string | null;
  readonly position: string | null;
  readonly active: boolean;
  readonly status?: string | null;
}

/** Stands in for Sleeper: serves the reply that it was given, or fails. */
class Sleeper implements Disposable {
  reply: Members | undefined;
  requests = 0;
  readonly #server = Bun.serve({
    port: 0,
    fetch: ({ url }) => {
      this.requests += 1;
      const known = new URL(url).pathname === "/v1/players/nfl";
      if (!known) return new Response("not found", { status: 404 });
      if (this.reply === undefined) return new Response("down", { status: 500 });
      return Response.json(this.reply);
    },
  });

  get config(): string {
    return `[players]\nsource = "sleeper"\nsleeper_base_url = "http://127.0.0.1:${this.#server.port}"\n`;
  }

  [Symbol.dispose](): void {
    this.#server.stop(true);
  }
}

async function symbolsOf(server: ServerProcess, query?: string): Promise<Members[]> {
  using client = await WireClient.open(server.url, "/market-data", "msgpack");
  const { symbols } = await client.result("symbols.list", query === undefined ? {} : { query });
  return symbols as Members[];
}

describe.skipIf(missing)("real players", () => {
  let dir: DataDir;
  let sleeper: Sleeper;
  let players: Record<string, SleeperPlayer>;
  beforeAll(async () => {
    dir = await DataDir.make();
    sleeper = new Sleeper();
    players = missing ? {} : await Bun.file(DATA).json();
  });
  afterAll(async () => {
    sleeper[Symbol.dispose]();
    await dir[Symbol.asyncDispose]();
  });

  let listed: Members[] = [];

  test("are all listed in one start, and nobody else", async () => {
    sleeper.reply = players as unknown as Members;
    await using server = await ServerProcess.start(dir.path, { config: sleeper.config });
    listed = await symbolsOf(server);
    const selected = Object.values(players).filter(
      ({ team, active, position, status }) =>
        team !== null &&
        active &&
        POSITIONS.includes(position ?? "") &&
        (position === "DEF" || status === "Active"),
    );
    expect(selected.length).toBe(1_017);
    expect(listed.map(({ player_id }) => player_id).sort()).toEqual(
      selected.map(({ player_id }) => player_id).sort(),
    );
    expect(new Set(listed.map(({ symbol }) => symbol)).size).toBe(1_017);
    for (const entry of listed) {
      const player = players[String(entry.player_id)];
      expect([entry.team, entry.position]).toEqual([player?.team, player?.position]);
      expect(String(entry.player_name)).toContain(player?.last_name ?? "nobody");
      expect(String(entry.symbol)).toMatch(/^SYMBOL_(0|[1-9]\d{0,3})$/);
    }
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, ((await ready.json()) as Members).status]).toEqual([200, "ok"]);

    const named = await symbolsOf(server, "brandon aubrey");
    expect(named.map(({ player_name, team, position }) => [player_name, team, position])).toEqual([
      ["Brandon Aubrey", "DAL", "K"],
    ]);
    for (const [query, field] of [
      ["KC", "team"],
      ["dal", "team"],
      ["DEF", "position"],
      ["qb", "position"],
    ] as const) {
      const wanted = query.toUpperCase();
      const found = await symbolsOf(server, query);
      const expected = listed.filter((entry) => entry[field] === wanted);
      const missed = expected.filter(
        ({ symbol }) => !found.some((entry) => entry.symbol === symbol),
      );
      const strange = found.filter(
        (entry) =>
          entry[field] !== wanted && !String(entry.player_name).toUpperCase().includes(wanted),
      );
      expect([query, missed, strange]).toEqual([query, [], []]);
      expect(expected.length).toBeGreaterThanOrEqual(10);
    }
  });

  test("keep their symbols over restarts, with Sleeper there or not", async () => {
    for (const reply of [players as unknown as Members, undefined]) {
      sleeper.reply = reply;
      await using server = await ServerProcess.start(dir.path, { config: sleeper.config });
      expect(await symbolsOf(server)).toEqual(listed);
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
      using orders = await WireClient.open(server.url, "/orders");
      const user = await server.ask<{ api_key: string; api_secret: string }>("POST", "/users", {
        name: "buyer",
        cash: 1_000,
      });
      await orders.login(user);
      const symbol = listed[0]?.symbol;
      const order = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
      expect(await orders.result("order.place", order)).toMatchObject({ status: "ACCEPTED" });
      expect(await server.stop()).toBe(0);
    }
  });

  test("who left the league can only be cancelled in, and who came is listed", async () => {
    const gone = listed.find(({ position }) => position === "QB");
    const goneId = String(gone?.player_id);
    const { [goneId]: leaver, ...rest } = players;
    const newcomer = { ...leaver, player_id: "999999", full_name: "Zz Newcomer" };
    sleeper.reply = { ...rest, "999999": newcomer };
    await using server = await ServerProcess.start(dir.path, { config: sleeper.config });
    const state = async () => {
      const { symbols } = await server.ask<{ symbols: Members[] }>("GET", "/state");
      return symbols.find(({ symbol }) => symbol === gone?.symbol)?.state;
    };
    // The last registry serves at once, and the refresh follows while the exchange trades.
    await eventually(async () => {
      expect(server.log.map(({ msg }) => msg)).not.toContain("closed");
      return (await state()) === "CANCEL_ONLY";
    });
    const now = await symbolsOf(server, "newcomer");
    expect(now.map(({ player_id }) => player_id)).toEqual(["999999"]);
  });
});

describe("without the network", () => {
  test("a first start lists depth-chart slots, is degraded and trades", async () => {
    await using dir = await DataDir.make();
    using sleeper = new Sleeper();
    await using server = await ServerProcess.start(dir.path, { config: sleeper.config });
    expect(await symbolsOf(server)).toBeArrayOfSize(512);
    const ready = await fetch(`${server.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      status: "degraded",
      components: { players: { status: "degraded", reason: expect.stringMatching(/\S/) } },
    });
    expect(sleeper.requests).toBeGreaterThan(0);
  });

  test("an address where nobody answers delays a start no longer than configured", async () => {
    await using dir = await DataDir.make();
    // Port 9 of this machine: refused at once or dropped, never an answer.
    const config = `[players]\nsource = "sleeper"\nsleeper_base_url = "http://127.0.0.1:9"\nfetch_timeout_ms = 500\n`;
    await using server = await ServerProcess.start(dir.path, { config });
    expect(await symbolsOf(server)).toBeArrayOfSize(512);
  });

  test("nonsense from Sleeper is no player", async () => {
    for (const reply of [{}, { error: "x", "1": { player_id: 1, team: "KC" } }]) {
      await using dir = await DataDir.make();
      using sleeper = new Sleeper();
      sleeper.reply = reply;
      await using server = await ServerProcess.start(dir.path, { config: sleeper.config });
      expect(await symbolsOf(server)).toBeArrayOfSize(512);
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    }
  });
});
