import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandKind, SymbolState } from "../../src/core/command.ts";
import { RegistryError } from "../../src/players/registry-file.ts";
import type { PlayerService } from "../../src/players/service.ts";
import { freeSymbol } from "../../src/players/symbol-mapping.ts";
import { until } from "../lib/until.ts";
import { ExchangeStandIn } from "./support/exchange-stand-in.ts";
import {
  endlessAnswer,
  QUIRKS,
  REAL_REPLY_PATH,
  reply,
  SleeperStandIn,
  sleeperPlayer,
} from "./support/sleeper-stand-in.ts";

const RETRY_MS = 600_000;
const DAY_MS = 86_400_000;
const home = (playerId: string) => freeSymbol(playerId, 4096, () => false);
const players = (...ids: string[]) => reply(...ids.map((id) => sleeperPlayer(id)));
const ids = (service: PlayerService, query?: string) =>
  service.registry.search(query).map(({ player_id }) => player_id);

describe("a first start", () => {
  test("lists Sleeper's players", async () => {
    await using sleeper = new SleeperStandIn(QUIRKS);
    using exchange = new ExchangeStandIn(sleeper);
    const service = await exchange.started();
    const expected = ["1166", "1167", "4046", "4983", "7547", "9001", "9101", "9102", "96", "KC"];
    expect(ids(service).sort()).toEqual(expected);
    const inOrder = (commands: { symbol: number }[]) =>
      commands.toSorted((a, b) => a.symbol - b.symbol);
    expect(inOrder(exchange.core.applied)).toEqual(
      inOrder(
        expected.map((id) => ({
          kind: CommandKind.LIST_SYMBOL,
          symbol: home(id),
          price: 5,
          text: id,
        })),
      ),
    );
    expect(service.health()).toEqual({ status: "ok", since: 1_000_000 });
    expect(exchange.clock.delays).toEqual([DAY_MS]);
    expect(exchange.logged).toEqual(["info: players refreshed", "info: symbols settled"]);
    expect(sleeper.requests).toHaveLength(1);
  });

  test.skipIf(REAL_REPLY_PATH === null)(
    "lists a real day's 1,017, found by name, team and position",
    async () => {
      await using sleeper = new SleeperStandIn(
        JSON.parse(readFileSync(REAL_REPLY_PATH ?? "", "utf8")),
      );
      using exchange = new ExchangeStandIn(sleeper);
      const service = await exchange.started();
      expect(Object.values(exchange.states())).toEqual(new Array(1017).fill("TRADING"));
      expect(ids(service)).toHaveLength(1017);
      expect(ids(service, "mahomes")).toEqual(["4046"]);
      expect(ids(service, "kc qb patrick")).toEqual(["4046"]);
      expect(ids(service, "KC DEF")).toEqual(["KC"]);
      const chiefs = service.registry.search("kc");
      expect(chiefs.filter(({ team }) => team === "KC")).toHaveLength(34);
      expect(
        service.registry.search("def").filter(({ position }) => position === "DEF"),
      ).toHaveLength(32);
    },
  );

  test("without network lists the depth charts, and the players as soon as there is one", async () => {
    await using sleeper = new SleeperStandIn();
    sleeper.answer = () => new Response("", { status: 500 });
    using exchange = new ExchangeStandIn(sleeper);
    const service = await exchange.started();
    expect(exchange.core.applied).toHaveLength(512);
    expect(ids(service, "kansas city qb1")).toEqual(["KC-QB1"]);
    expect(service.health()).toEqual({
      status: "degraded",
      reason: `${sleeper.baseUrl}/v1/players/nfl answered 500`,
      since: 1_000_000,
    });
    expect(exchange.clock.delays).toEqual([RETRY_MS]);

    sleeper.answer = () => Response.json(players("1", "2"));
    exchange.clock.advance(RETRY_MS);
    await service.refresh();
    expect(exchange.core.applied).toHaveLength(514);
    expect(new Set(Object.values(exchange.states()))).toEqual(new Set(["TRADING"]));
    expect(service.health()).toEqual({ status: "ok", since: 1_000_000 + RETRY_MS });
    expect(exchange.clock.delays).toEqual([DAY_MS]);
  });

  test.each([
    ["a page", () => new Response("<html>"), "something that is not an object of players in JSON"],
    ["a list", () => Response.json([1]), "something that is not an object of players in JSON"],
    ["nobody", () => Response.json({}), "Sleeper's reply has no active player"],
    ["no player", () => Response.json({ error: "busy" }), "Sleeper's reply has no active player"],
  ])("that is answered with %s lists the depth charts", async (_, answer, reason) => {
    await using sleeper = new SleeperStandIn();
    sleeper.answer = answer;
    using exchange = new ExchangeStandIn(sleeper);
    const service = await exchange.started();
    expect(exchange.core.applied).toHaveLength(512);
    expect(service.health().status).toBe("degraded");
    expect(service.health().reason).toEndWith(reason);
    expect(sleeper.requests).toHaveLength(1);
  });

  test.each([
    ["no answer", () => new Promise<Response>(() => undefined)],
    ["a slow one", endlessAnswer],
  ])("with %s waits no longer than it may", async (_, answer) => {
    await using sleeper = new SleeperStandIn();
    sleeper.answer = answer;
    using exchange = new ExchangeStandIn(sleeper);
    const starting = exchange.started();
    await until(() => sleeper.requests.length === 1);
    exchange.clock.advance(5000);
    const service = await starting;
    expect(exchange.core.applied).toHaveLength(512);
    expect(service.health().reason).toEndWith("gave no full answer within 5000 ms");
  });

  test("with nobody listening lists the depth charts", async () => {
    const sleeper = new SleeperStandIn();
    const { baseUrl } = sleeper;
    await sleeper[Symbol.asyncDispose]();
    using exchange = new ExchangeStandIn({ baseUrl });
    const service = await exchange.started();
    expect(exchange.core.applied).toHaveLength(512);
    expect(service.health().reason).toStartWith(`${baseUrl}/v1/players/nfl cannot be reached: `);
  });

  test("offline sends no request, today or later", async () => {
    await using sleeper = new SleeperStandIn(players("1"));
    using exchange = new ExchangeStandIn(sleeper);
    const service = await exchange.started({ source: "offline" });
    expect(exchange.core.applied).toHaveLength(512);
    expect(service.health()).toEqual({ status: "ok", since: 1_000_000 });
    expect(exchange.clock.delays).toEqual([]);
    expect(sleeper.requests).toEqual([]);
  });
});

describe("a later start", () => {
  test("uses the registry at once and asks Sleeper in the background", async () => {
    await using sleeper = new SleeperStandIn(players("1", "2"));
    using exchange = new ExchangeStandIn(sleeper);
    await exchange.started();
    let answer = (_: Response) => {};
    sleeper.answer = () => new Promise((resolve) => (answer = resolve));
    const service = exchange.service();
    await service.start();
    expect(ids(service, "player").sort()).toEqual(["1", "2"]);
    expect(service.health().status).toBe("ok");
    await until(() => sleeper.requests.length === 2);
    answer(Response.json(players("1", "2", "3")));
    await service.refresh();
    expect(exchange.states()).toEqual({ "1": "TRADING", "2": "TRADING", "3": "TRADING" });
    expect(exchange.core.applied).toHaveLength(3);
  });

  test("from the depth charts is degraded until there are players", async () => {
    await using sleeper = new SleeperStandIn(players("1"));
    using exchange = new ExchangeStandIn(sleeper);
    await exchange.started({ source: "offline" });
    const service = exchange.service();
    await service.start();
    expect(service.health()).toMatchObject({ reason: "no players from Sleeper yet" });
    await service.refresh();
    expect(service.health().status).toBe("ok");
    expect(exchange.core.applied).toHaveLength(513);
  });

  test("with a damaged registry is refused", async () => {
    await using sleeper = new SleeperStandIn();
    using exchange = new ExchangeStandIn(sleeper);
    writeFileSync(join(exchange.dataDir, "players.json"), "{");
    expect(() => exchange.service()).toThrow(RegistryError);
  });

  test("without Sleeper is degraded after three attempts, and tries again in ten minutes", async () => {
    await using sleeper = new SleeperStandIn(players("1"));
    using exchange = new ExchangeStandIn(sleeper);
    await exchange.started();
    sleeper.answer = () => new Response("", { status: 503 });
    const service = exchange.service();
    await service.start();
    for (const delay of [1000, 2000]) {
      await until(() => exchange.clock.delays[0] === delay);
      exchange.clock.advance(delay);
    }
    await service.refresh();
    expect(sleeper.requests).toHaveLength(4);
    expect(service.health()).toEqual({
      status: "degraded",
      reason: `${sleeper.baseUrl}/v1/players/nfl answered 503`,
      since: 1_003_000,
    });
    // The first service's timer is still running, too.
    expect(exchange.clock.delays).toEqual([RETRY_MS, DAY_MS - 3000]);
    expect(exchange.logged.slice(-1)).toEqual(["warn: players not refreshed"]);
  });
});

describe("a day later", () => {
  /** An exchange with players 1 to 6, and a Sleeper that says on day two what the test wants. */
  async function dayOne() {
    const sleeper = new SleeperStandIn(players("1", "2", "3", "4", "5", "6"));
    const exchange = new ExchangeStandIn(sleeper);
    const service = await exchange.started();
    exchange.core.applied.length = 0;
    const nextDay = async (answer: unknown) => {
      sleeper.answer = () => Response.json(answer);
      exchange.clock.advance(DAY_MS);
      await service.refresh();
    };
    const cleanUp = new AsyncDisposableStack();
    cleanUp.use(exchange);
    cleanUp.use(sleeper);
    return {
      sleeper,
      exchange,
      service,
      nextDay,
      [Symbol.asyncDispose]: () => cleanUp.disposeAsync(),
    };
  }

  const close = { kind: CommandKind.SET_SYMBOL_STATE, quantity: SymbolState.CANCEL_ONLY };
  const reopen = { kind: CommandKind.SET_SYMBOL_STATE, quantity: SymbolState.TRADING };

  test("new players are listed, departed players become cancel-only, and returning players trade again", async () => {
    await using day = await dayOne();
    const { exchange, service, nextDay } = day;
    await nextDay(players("1", "2", "3", "4", "5", "7"));
    expect(exchange.core.applied.toSorted((a, b) => a.kind - b.kind)).toEqual([
      { kind: CommandKind.LIST_SYMBOL, symbol: home("7"), price: 5, text: "7" },
      { ...close, symbol: home("6") },
    ]);
    const six = {
      symbol: home("6"),
      ticker: "P6",
      player_id: "6",
      name: "Player 6",
      team: "KC",
      position: "WR",
      number: 1,
      source: "sleeper" as const,
      listed_at: 1_000_000,
    };
    expect(service.registry.find("6")).toEqual({
      ...six,
      status: "Inactive",
      present: false,
      left_at: 1_000_000 + DAY_MS,
      closure: "made",
    });
    exchange.core.applied.length = 0;
    await nextDay(players("1", "2", "3", "4", "5", "6", "7"));
    expect(exchange.core.applied).toEqual([{ ...reopen, symbol: home("6") }]);
    expect(service.registry.find("6")).toEqual({ ...six, status: "Active", present: true });
    exchange.core.applied.length = 0;
    await nextDay(players("1", "2", "3", "4", "5", "6", "7"));
    expect(exchange.core.applied).toEqual([]);
  });

  test("changes are known after a restart", async () => {
    await using day = await dayOne();
    const { exchange, service, nextDay } = day;
    const traded = sleeperPlayer("6", { team: "LV", number: 99 });
    await nextDay({ ...players("1", "2", "3", "4", "5"), "6": traded });
    expect(exchange.core.applied).toEqual([]);
    await service.close();
    const again = exchange.service();
    expect(ids(again, "lv")).toEqual(["6"]);
    expect(again.registry.entries()).toEqual(service.registry.entries());
  });

  test("an unchanged reply is not sent again, and changes nothing", async () => {
    await using day = await dayOne();
    const { sleeper, exchange, service } = day;
    sleeper.answer = (request) =>
      request.headers.has("if-none-match")
        ? new Response(null, { status: 304 })
        : Response.json(players("1", "2", "3", "4", "5"), { headers: { etag: '"two"' } });
    await service.refresh();
    await service.refresh();
    expect(sleeper.requests).toEqual(["", "", '"two"']);
    expect(exchange.core.applied).toEqual([{ ...close, symbol: home("6") }]);
    expect(service.health().status).toBe("ok");
  });

  test("a reply that lacks more than a third is refused", async () => {
    await using day = await dayOne();
    const { exchange, service, nextDay } = day;
    await nextDay(players("1", "2", "3", "7", "8"));
    expect(exchange.core.applied).toEqual([]);
    expect(ids(service).sort()).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(service.health()).toEqual({
      status: "degraded",
      reason:
        "Sleeper's reply lacks 3 of 6 known players; if that is right, `waiver players sync --accept` takes it",
      since: 1_000_000 + DAY_MS,
    });
    expect(exchange.clock.delays).toEqual([RETRY_MS]);
    await nextDay(players("1", "2", "3", "4", "7", "8"));
    expect(exchange.states()).toMatchObject({ "5": "CANCEL_ONLY", "6": "CANCEL_ONLY" });
    expect(service.health().status).toBe("ok");
  });

  test("a reply with far more players than a day brings is refused, because players keep their symbols for ever", async () => {
    const upTo = (count: number) => players(...Array.from({ length: count }, (_, i) => `${i + 1}`));
    await using sleeper = new SleeperStandIn(upTo(300));
    using exchange = new ExchangeStandIn(sleeper);
    const service = await exchange.started();
    expect(service.health().status).toBe("ok");
    sleeper.answer = () => Response.json(upTo(2049));
    await service.refresh();
    expect(service.health().reason).toStartWith("Sleeper's reply has 2049 active players, and no");
    sleeper.answer = () => Response.json(upTo(451));
    await service.refresh();
    expect(service.health().reason).toStartWith(
      "Sleeper's reply has 151 new players beside 300 known ones; if that is right, `waiver players",
    );
    expect(service.registry.size).toBe(300);
    sleeper.answer = () => Response.json(upTo(450));
    await service.refresh();
    expect([service.health().status, service.registry.size]).toEqual(["ok", 450]);
  });

  test("a first reply is always accepted, because there is nothing to compare it with", async () => {
    const many = players(...Array.from({ length: 2049 }, (_, i) => `${i + 1}`));
    await using sleeper = new SleeperStandIn(many);
    using exchange = new ExchangeStandIn(sleeper);
    const service = await exchange.started();
    expect([service.health().status, service.registry.size]).toEqual(["ok", 2049]);
  });

  test("an implausible reply is accepted once if an operator confirms it", async () => {
    await using day = await dayOne();
    const { sleeper, service } = day;
    sleeper.answer = () => Response.json(players("1", "7", "8"));
    expect(await service.sync()).toMatchObject({ status: "degraded" });
    expect(await service.sync(true)).toMatchObject({ status: "ok" });
    expect(ids(service).sort()).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
    sleeper.answer = () => Response.json(players("1"));
    expect(await service.sync()).toMatchObject({ status: "degraded" });
  });

  test("an operator's confirmation counts, even if another refresh is requested in the meantime", async () => {
    await using day = await dayOne();
    const { sleeper, service } = day;
    sleeper.answer = () => Response.json(players("1", "7", "8"));
    const answers = await Promise.all([service.sync(), service.sync(true), service.sync()]);
    expect(answers.at(1)).toMatchObject({ status: "ok" });
    expect(ids(service).sort()).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
    sleeper.answer = () => Response.json(players("9"));
    const both = [service.sync(true), service.sync()];
    expect(await Promise.all(both)).toMatchObject([{ status: "ok" }, { status: "ok" }]);
  });

  test("a symbol that an operator halted or closed is not reopened", async () => {
    await using day = await dayOne();
    const { exchange, nextDay } = day;
    const { states } = exchange.core;
    states.set(home("5"), SymbolState.CANCEL_ONLY);
    await nextDay(players("1", "2", "3", "4"));
    expect(exchange.core.applied).toEqual([{ ...close, symbol: home("6") }]);
    states.set(home("6"), SymbolState.HALTED);
    exchange.logged.length = 0;
    await nextDay(players("1", "2", "3", "4", "5", "6"));
    expect(exchange.states()).toMatchObject({ "5": "CANCEL_ONLY", "6": "HALTED" });
    expect(exchange.logged).toEqual([
      "info: players refreshed",
      "warn: symbols of returned players stay closed: something else than their leaving closed them",
    ]);
  });

  test("a departed player whose symbol is halted is closed after the halt", async () => {
    await using day = await dayOne();
    const { exchange, nextDay } = day;
    exchange.core.states.set(home("6"), SymbolState.HALTED);
    await nextDay(players("1", "2", "3", "4", "5"));
    expect(exchange.core.applied).toEqual([]);
    exchange.core.states.set(home("6"), SymbolState.TRADING);
    await nextDay(players("1", "2", "3", "4", "5"));
    expect(exchange.core.applied).toEqual([{ ...close, symbol: home("6") }]);
  });

  test("a departed player whose symbol is paused is closed at once, because the pause would reopen it", async () => {
    await using day = await dayOne();
    const { exchange, nextDay } = day;
    exchange.core.states.set(home("6"), SymbolState.HALTED);
    exchange.core.timed.add(home("6"));
    await nextDay(players("1", "2", "3", "4", "5"));
    expect(exchange.core.applied).toEqual([{ ...close, symbol: home("6") }]);
  });

  test.each([SymbolState.AUCTION, SymbolState.PRE_OPEN])(
    "a leaver whose symbol is in state %d, not to trade later, is closed",
    async (state) => {
      await using day = await dayOne();
      const { exchange, nextDay } = day;
      exchange.core.states.set(home("6"), state);
      await nextDay(players("1", "2", "3", "4", "5"));
      expect(exchange.core.applied).toEqual([{ ...close, symbol: home("6") }]);
    },
  );

  test("a player who was PRE_OPEN when he left is PRE_OPEN again when he returns, also after a crash", async () => {
    await using day = await dayOne();
    const { exchange, nextDay } = day;
    const { core } = exchange;
    core.states.set(home("6"), SymbolState.PRE_OPEN);
    // The process dies when the core has closed the symbol, before the registry knows that.
    core.mode = "lose reply";
    void nextDay(players("1", "2", "3", "4", "5"));
    await until(() => core.applied.length === 1);
    core.mode = "apply";
    const again = await exchange.started();
    expect(again.registry.find("6")).toMatchObject({ closure: "made", was_pre_open: true });
    expect(readFileSync(join(exchange.dataDir, "players.json"), "utf8")).toStartWith(
      '{"version":3,',
    );
    day.sleeper.answer = () => Response.json(players("1", "2", "3", "4", "5", "6"));
    await again.refresh();
    expect(exchange.states()).toMatchObject({ "6": "PRE_OPEN" });
    expect(again.registry.find("6")).not.toHaveProperty("was_pre_open");
    expect(readFileSync(join(exchange.dataDir, "players.json"), "utf8")).toStartWith(
      '{"version":2,',
    );
    await again.close();
  });

  test("if the core takes no commands now, it gets them later", async () => {
    await using day = await dayOne();
    const { exchange, service, nextDay } = day;
    exchange.core.mode = "unavailable";
    await nextDay(players("1", "2", "3", "4", "5", "7"));
    expect(service.health().reason).toBe("symbols not settled: the ring is full");
    expect(exchange.clock.delays).toEqual([RETRY_MS]);
    exchange.core.mode = "refuse";
    await nextDay(players("1", "2", "3", "4", "5", "7"));
    expect(service.health().reason).toBe("2 listings or state changes were refused");
    exchange.core.mode = "apply";
    await nextDay(players("1", "2", "3", "4", "5", "7"));
    expect(exchange.states()).toMatchObject({ "6": "CANCEL_ONLY", "7": "TRADING" });
    expect(service.health().status).toBe("ok");
  });

  test("if the registry cannot be written, no listing is written to the journal", async () => {
    await using day = await dayOne();
    const { exchange, service, nextDay } = day;
    rmSync(exchange.dataDir, { recursive: true });
    writeFileSync(exchange.dataDir, "no directory");
    await nextDay(players("1", "2", "3", "4", "5", "6", "7"));
    expect(service.health().reason).toStartWith("symbols not settled: ");
    expect(exchange.core.applied).toEqual([]);
    rmSync(exchange.dataDir);
    await nextDay(players("1", "2", "3", "4", "5", "6", "7"));
    expect(exchange.states()).toMatchObject({ "7": "TRADING" });
  });

  describe("with a crash", () => {
    const gone = players("1", "2", "3", "4", "5");
    const all = players("1", "2", "3", "4", "5", "6");

    // "hold": the registry is on disk, the journal does not know yet.
    // "lose reply": the journal has it, the registry was not told.
    const crashPoints = ["hold", "lose reply"] as const;

    test.each(crashPoints)(
      "in a listing (%s), the next start completes it without Sleeper",
      async (mode) => {
        await using day = await dayOne();
        const { sleeper, exchange, service } = day;
        exchange.core.mode = mode;
        sleeper.answer = () => Response.json(players("1", "2", "3", "4", "5", "6", "7"));
        void service.refresh();
        await until(() => exchange.core.submitted === 7);
        exchange.core.mode = "apply";
        sleeper.answer = () => new Promise<Response>(() => undefined);
        const again = exchange.service();
        await again.start();
        expect(exchange.states()).toMatchObject({ "7": "TRADING" });
        expect(exchange.core.applied).toEqual([
          { kind: CommandKind.LIST_SYMBOL, symbol: home("7"), price: 5, text: "7" },
        ]);
        expect(ids(again, "player 7")).toEqual(["7"]);
        await again.close();
      },
    );

    test.each(crashPoints)(
      "in a closure (%s), the player is closed and opened again on return",
      async (mode) => {
        await using day = await dayOne();
        const { sleeper, exchange, service } = day;
        exchange.core.mode = mode;
        sleeper.answer = () => Response.json(gone);
        void service.refresh();
        await until(() => exchange.core.submitted === 7);
        exchange.core.mode = "apply";
        const again = await exchange.started();
        expect(exchange.core.applied).toEqual([{ ...close, symbol: home("6") }]);
        expect(again.registry.find("6")?.closure).toBe("made");
        sleeper.answer = () => Response.json(all);
        await again.refresh();
        expect(exchange.states()).toMatchObject({ "6": "TRADING" });
      },
    );

    test.each(crashPoints)("in a return (%s), the player trades again", async (mode) => {
      await using day = await dayOne();
      const { sleeper, exchange, service, nextDay } = day;
      await nextDay(gone);
      exchange.core.mode = mode;
      sleeper.answer = () => Response.json(all);
      void service.refresh();
      await until(() => exchange.core.submitted === 8);
      exchange.core.mode = "apply";
      const again = await exchange.started();
      expect(exchange.core.applied).toEqual([
        { ...close, symbol: home("6") },
        { ...reopen, symbol: home("6") },
      ]);
      expect(again.registry.find("6")).not.toHaveProperty("closure");
    });

    test("in a return, the player who leaves after all stays closed", async () => {
      await using day = await dayOne();
      const { sleeper, exchange, service, nextDay } = day;
      await nextDay(gone);
      exchange.core.mode = "unavailable";
      sleeper.answer = () => Response.json(all);
      await service.refresh();
      expect(service.registry.find("6")?.closure).toBe("lifting");
      exchange.core.mode = "apply";
      await nextDay(gone);
      expect(exchange.core.applied).toEqual([{ ...close, symbol: home("6") }]);
      await nextDay(all);
      expect(exchange.states()).toMatchObject({ "6": "TRADING" });
    });

    test("and the registry lost, the journal's listings are adopted", async () => {
      await using day = await dayOne();
      const { sleeper, exchange, service } = day;
      rmSync(join(exchange.dataDir, "players.json"));
      sleeper.answer = () => new Promise<Response>(() => undefined);
      const again = exchange.service();
      await again.start();
      expect(ids(again).sort()).toEqual(["1", "2", "3", "4", "5", "6"]);
      expect(ids(again, "player")).toEqual([]);
      await again.close();
      sleeper.answer = () => Response.json(all);
      const third = await exchange.started();
      expect(third.registry.entries()).toEqual(service.registry.entries());
      expect(exchange.core.applied).toEqual([]);
    });
  });
});

test("players beyond the last symbol are logged until there is room", async () => {
  const names = Array.from({ length: 513 }, (_, i) => String(i));
  await using sleeper = new SleeperStandIn();
  sleeper.answer = (request) =>
    request.headers.has("if-none-match")
      ? new Response(null, { status: 304 })
      : Response.json(players(...names), { headers: { etag: '"a"' } });
  using exchange = new ExchangeStandIn(sleeper);
  const service = await exchange.started({ symbolsMax: 512 });
  expect(exchange.core.applied).toHaveLength(512);
  const reason = "players for whom no symbol is left: 1; raise players.symbols_max";
  expect(service.health()).toMatchObject({ reason });
  await service.refresh();
  expect(service.health()).toMatchObject({ reason });
  const roomier = await exchange.started({ symbolsMax: 4096 });
  expect(roomier.health().status).toBe("ok");
  expect(exchange.core.applied).toHaveLength(513);
});

describe("close", () => {
  test("stops the timer", async () => {
    await using sleeper = new SleeperStandIn(players("1"));
    using exchange = new ExchangeStandIn(sleeper);
    const service = await exchange.started();
    await service.close();
    expect(exchange.clock.delays).toEqual([]);
  });

  test("aborts a running refresh and leaves health and symbols as they are", async () => {
    await using sleeper = new SleeperStandIn(players("1"));
    using exchange = new ExchangeStandIn(sleeper);
    const service = await exchange.started();
    sleeper.answer = () => new Promise<Response>(() => undefined);
    const synced = service.sync();
    await until(() => sleeper.requests.length === 2);
    await service.close();
    // Who asked for it is not told that it went well.
    expect(await synced).toMatchObject({
      status: "degraded",
      reason: "the exchange is shutting down; its next start refreshes",
    });
    expect(service.health().status).toBe("ok");
    expect(exchange.clock.delays).toEqual([]);
    expect(exchange.core.applied).toHaveLength(1);
    expect(exchange.logged).toEqual(["info: players refreshed", "info: symbols settled"]);
  });

  test("during a first start lists nobody", async () => {
    await using sleeper = new SleeperStandIn();
    sleeper.answer = () => new Promise<Response>(() => undefined);
    using exchange = new ExchangeStandIn(sleeper);
    const service = exchange.service();
    const starting = service.start();
    await until(() => sleeper.requests.length === 1);
    await service.close();
    await starting;
    expect(exchange.core.submitted).toBe(0);
    expect(exchange.clock.delays).toEqual([]);
  });
});
