import { describe, expect, test } from "bun:test";
import { systemClock } from "../../src/players/clock.ts";
import { SleeperClient, SleeperError } from "../../src/players/sleeper.ts";
import { readRecords } from "../../src/players/sleeper-record.ts";
import { until } from "../lib/until.ts";
import { FakeClock } from "./support/fake-clock.ts";
import {
  endlessAnswer,
  QUIRKS,
  reply,
  SleeperStandIn,
  sleeperPlayer,
} from "./support/sleeper-stand-in.ts";

const never = new AbortController().signal;
const ONCE = { etag: null, tries: 1, signal: never };

function client(baseUrl: string, clock = new FakeClock()) {
  return new SleeperClient({ baseUrl, timeoutMs: 5000, clock });
}

/** The message of the `SleeperError` that the promise rejects with, without the address. */
async function fault(promise: Promise<unknown>, baseUrl: string): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SleeperError);
  return (error as SleeperError).message.replace(`${baseUrl}/v1/players/nfl `, "");
}

test("invisible characters are removed from a name", async () => {
  const names = [
    "\u202Eevil\u202C",
    "a\u0000b\u001b[31m",
    "👩‍👩‍👧",
    "می\u200cخواهم",
    `z${"\u0337".repeat(50)}a`,
    "\u200b\u2066",
    "\u0301",
  ];
  const records = names.map(
    (full_name, i) =>
      [String(i), sleeperPlayer(String(i), { full_name, first_name: null, last_name: null })] as [
        string,
        unknown,
      ],
  );
  const read = await readRecords(records);
  expect(read.records.map(({ name }) => name)).toEqual([
    "evil",
    "a b [31m",
    "👩‍👩‍👧",
    "می\u200cخواهم",
    `z${"\u0337".repeat(4)}a`,
  ]);
  expect(read.skipped).toEqual({ "no name": 2 });
});

describe("a reply", () => {
  test("is read record by record; records that cannot be used are counted", async () => {
    await using sleeper = new SleeperStandIn(QUIRKS);
    const answer = await client(sleeper.baseUrl).fetchPlayers(ONCE);
    if (answer.isUnchanged) throw new Error("there was nothing to be unchanged");
    expect(answer.etag).toBeNull();
    expect(answer.skipped).toEqual({
      "not an object": 3,
      "player_id is neither a whole number nor 1 to 64 printable characters": 2,
      "active is neither true, false nor null": 1,
      "full_name is neither null nor a string of up to 100 characters": 1,
      "no name": 1,
      "duplicate player_id": 1,
    });
    expect(answer.records).toHaveLength(Object.keys(QUIRKS).length - 9);
    const byId = new Map(answer.records.map((record) => [record.player_id, record]));
    const common = { status: "Active", active: true };
    expect(["4046", "96", "1166", "1167", "4983", "KC"].map((id) => byId.get(id))).toEqual([
      {
        player_id: "4046",
        name: "Patrick Mahomes",
        team: "KC",
        position: "QB",
        number: 15,
        ...common,
      },
      { player_id: "96", name: "Aaron Rodgers", team: "PIT", position: "QB", number: 8, ...common },
      {
        player_id: "1166",
        name: "Kirk Cousins",
        team: "ATL",
        position: "QB",
        number: null,
        ...common,
      },
      { player_id: "1167", name: "No Id", team: "ATL", position: "TE", number: null, ...common },
      { player_id: "4983", name: "D.J. Moore", team: "CHI", position: "WR", number: 2, ...common },
      {
        player_id: "KC",
        name: "Kansas City Chiefs",
        team: "KC",
        position: "DEF",
        number: null,
        status: null,
        active: true,
      },
    ]);
  });

  test("without records is a reply", async () => {
    await using sleeper = new SleeperStandIn({});
    expect(await client(sleeper.baseUrl).fetchPlayers(ONCE)).toEqual({
      isUnchanged: false,
      etag: null,
      records: [],
      skipped: {},
    });
  });

  test("is requested with its ETag, and is not sent again if it is unchanged", async () => {
    await using sleeper = new SleeperStandIn();
    sleeper.answer = (request) =>
      request.headers.get("if-none-match") === '"a"'
        ? new Response(null, { status: 304 })
        : Response.json(reply(sleeperPlayer("1")), { headers: { etag: '"a"' } });
    const first = await client(sleeper.baseUrl).fetchPlayers(ONCE);
    expect(first).toMatchObject({ isUnchanged: false, etag: '"a"' });
    const second = await client(sleeper.baseUrl).fetchPlayers({ ...ONCE, etag: '"a"' });
    expect(second).toEqual({ isUnchanged: true });
    expect(sleeper.requests).toEqual(["", '"a"']);
  });
});

describe("no usable reply", () => {
  const NO_OBJECT = "answered something that is not an object of players in JSON";
  test.each([
    ["an error", () => new Response("oops", { status: 500 }), "answered 500"],
    ["an unasked 304", () => new Response(null, { status: 304 }), "answered 304"],
    ["a page", () => new Response("<html>"), NO_OBJECT],
    ["nothing", () => new Response(""), NO_OBJECT],
    ["half a reply", () => new Response('{"4046": {"pl'), NO_OBJECT],
    ["a half player", () => new Response('{"4046": {"pl}}'), NO_OBJECT],
    ["no players between commas", () => new Response('{"4046": {},,"1": {}}'), NO_OBJECT],
    ["a comma at the end", () => new Response('{"4046": {},}'), NO_OBJECT],
    ["the wrong bracket", () => new Response('{"4046": {]}'), NO_OBJECT],
    ["the wrong bracket at the end", () => new Response('{"4046": {}]'), NO_OBJECT],
    ["an object and more", () => new Response('{"4046": {}} {}'), NO_OBJECT],
    ["a list", () => Response.json([]), NO_OBJECT],
    ["null", () => Response.json(null), NO_OBJECT],
    // 64 MiB of it all at once took 6 s of the event loop and 5 GB.
    [
      "brackets",
      () => new Response(`{"a":${"[".repeat(65_600)}`),
      "answered a player of more than 65536 bytes",
    ],
    [
      "very many",
      () => new Response(`{${'"1":{},'.repeat(100_000)}"2":{}}`),
      "answered more than 100000 players",
    ],
    [
      "too much",
      () => new Response(" ".repeat(64 * 1024 * 1024 + 1)),
      "answered more than 67108864 bytes",
    ],
  ])("%s", async (_, answer, message) => {
    await using sleeper = new SleeperStandIn();
    sleeper.answer = answer;
    const { baseUrl } = sleeper;
    expect(await fault(client(baseUrl).fetchPlayers(ONCE), baseUrl)).toBe(message);
    expect(sleeper.requests).toHaveLength(1);
  });

  test("no network", async () => {
    const sleeper = new SleeperStandIn();
    const { baseUrl } = sleeper;
    await sleeper[Symbol.asyncDispose]();
    expect(await fault(client(baseUrl).fetchPlayers(ONCE), baseUrl)).toStartWith(
      "cannot be reached: ",
    );
  });

  test.each([
    ["no answer", () => new Promise<Response>(() => undefined)],
    ["an answer that does not end", endlessAnswer],
  ])("%s within the time", async (_, answer) => {
    await using sleeper = new SleeperStandIn();
    sleeper.answer = answer;
    const clock = new FakeClock();
    const fetched = fault(client(sleeper.baseUrl, clock).fetchPlayers(ONCE), sleeper.baseUrl);
    await until(() => sleeper.requests.length === 1);
    clock.advance(5000);
    expect(await fetched).toBe("gave no full answer within 5000 ms");
    expect(clock.delays).toEqual([]);
  });

  test("an answer that does not end, measured by the process's own clock", async () => {
    await using sleeper = new SleeperStandIn();
    sleeper.answer = endlessAnswer;
    const { baseUrl } = sleeper;
    const impatient = new SleeperClient({ baseUrl, timeoutMs: 50, clock: systemClock });
    expect(await fault(impatient.fetchPlayers(ONCE), baseUrl)).toBe(
      "gave no full answer within 50 ms",
    );
  });
});

describe("several tries", () => {
  test("wait twice as long each time, until the first one succeeds", async () => {
    await using sleeper = new SleeperStandIn();
    sleeper.answer = () =>
      sleeper.requests.length < 3 ? new Response("", { status: 503 }) : Response.json({});
    const clock = new FakeClock();
    const fetched = client(sleeper.baseUrl, clock).fetchPlayers({ ...ONCE, tries: 3 });
    for (const delay of [1000, 2000]) {
      await until(() => clock.delays[0] === delay);
      clock.advance(delay);
    }
    expect(await fetched).toMatchObject({ isUnchanged: false, records: [] });
    expect(sleeper.requests).toHaveLength(3);
    expect(clock.delays).toEqual([]);
  });

  test("end with the error of the last one", async () => {
    await using sleeper = new SleeperStandIn();
    sleeper.answer = () => new Response("", { status: 500 + sleeper.requests.length });
    const clock = new FakeClock();
    const fetched = client(sleeper.baseUrl, clock).fetchPlayers({ ...ONCE, tries: 2 });
    const message = fault(fetched, sleeper.baseUrl);
    await until(() => clock.delays[0] === 1000);
    clock.advance(1000);
    expect(await message).toBe("answered 502");
  });

  test("end at once when aborted, in a request and in a pause", async () => {
    await using sleeper = new SleeperStandIn();
    const clock = new FakeClock();
    for (const answer of [() => new Promise<Response>(() => undefined), () => new Response("x")]) {
      const before = sleeper.requests.length;
      sleeper.answer = answer;
      const closing = new AbortController();
      const fetched = client(sleeper.baseUrl, clock).fetchPlayers({
        etag: null,
        tries: 3,
        signal: closing.signal,
      });
      const message = fault(fetched, sleeper.baseUrl);
      await until(() => sleeper.requests.length > before);
      if (sleeper.requests.length > 1) await until(() => clock.delays[0] === 1000);
      closing.abort();
      expect(await message).toStartWith("cannot be reached: ");
      expect(sleeper.requests.length).toBe(before + 1);
      expect(clock.delays).toEqual([]);
    }
  });
});
