import { expect, test } from "bun:test";
import { OFFLINE_PLAYERS } from "../../src/players/offline.ts";

test("there are 32 teams with 16 slots each, no two alike", () => {
  const perTeam = Map.groupBy(OFFLINE_PLAYERS, ({ team }) => team);
  expect([...perTeam.values()].map((slots) => slots.length)).toEqual(new Array(32).fill(16));
  expect(new Set(OFFLINE_PLAYERS.map(({ player_id }) => player_id)).size).toBe(512);
  expect(new Set(OFFLINE_PLAYERS.map(({ name }) => name)).size).toBe(512);
});

test("a team's chart runs from the first quarterback to the defence", () => {
  const chart = OFFLINE_PLAYERS.filter(({ team }) => team === "KC");
  expect(chart.map(({ player_id, position }) => `${player_id} ${position}`)).toEqual([
    "KC-QB1 QB",
    "KC-QB2 QB",
    "KC-RB1 RB",
    "KC-RB2 RB",
    "KC-RB3 RB",
    "KC-RB4 RB",
    "KC-WR1 WR",
    "KC-WR2 WR",
    "KC-WR3 WR",
    "KC-WR4 WR",
    "KC-WR5 WR",
    "KC-TE1 TE",
    "KC-TE2 TE",
    "KC-TE3 TE",
    "KC-K1 K",
    "KC-DEF DEF",
  ]);
  expect(chart[0]).toEqual({
    player_id: "KC-QB1",
    name: "Kansas City QB1",
    team: "KC",
    position: "QB",
    number: null,
    status: "Active",
  });
});
