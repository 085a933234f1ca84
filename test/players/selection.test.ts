import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { membersOf } from "../../src/players/reply-members.ts";
import { selectPlayers } from "../../src/players/selection.ts";
import { readRecords } from "../../src/players/sleeper-record.ts";
import { QUIRKS, REAL_REPLY_PATH } from "./support/sleeper-stand-in.ts";

test("active players with a team in a fantasy position become symbols, and defences", async () => {
  const selected = selectPlayers((await readRecords(Object.entries(QUIRKS))).records);
  expect(selected.map(({ player_id }) => player_id)).toEqual([
    "96",
    "1166",
    "1167",
    "4046",
    "4983",
    "7547",
    "9001",
    "KC",
    "9101",
    "9102",
  ]);
  expect(selected.filter(({ player_id }) => player_id === "KC" || player_id === "9101")).toEqual([
    {
      player_id: "KC",
      name: "Kansas City Chiefs",
      team: "KC",
      position: "DEF",
      number: null,
      status: "Active",
    },
    {
      player_id: "9101",
      name: "Injured Reserve",
      team: "NYJ",
      position: "RB",
      number: 20,
      status: "Injured Reserve",
    },
  ]);
});

test.skipIf(REAL_REPLY_PATH === null)("a real August day has 1,017", async () => {
  const { records, skipped } = await readRecords(membersOf(readFileSync(REAL_REPLY_PATH ?? "")));
  expect(skipped).toEqual({});
  expect(records).toHaveLength(3040);
  const positions: Record<string, number> = {};
  for (const { position } of selectPlayers(records)) {
    positions[position] = (positions[position] ?? 0) + 1;
  }
  const total = Object.values(positions).reduce((sum, count) => sum + count, 0);
  expect([total, positions.DEF]).toEqual([1017, 32]);
});
