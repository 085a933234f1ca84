import { expect, test } from "bun:test";
import pino from "pino";
import { HumanLog } from "../../src/host/human-log.ts";

const NOON = new Date();
NOON.setHours(12, 0, 5, 0);

/** What pino would have the people read who look at a log in `/exchange`. */
function read(fields: object, message: string, level: pino.Level = "info"): string {
  let text = "";
  const human = new HumanLog(false, "/exchange");
  const timestamp = () => `,"time":${NOON.getTime()}`;
  const stream = { write: (line: string) => void (text += human.text(line)) };
  pino({ base: null, timestamp, level: "trace" }, stream)[level](fields, message);
  return text;
}

test("a line has the time, the level, the message and the members", () => {
  expect(read({ port: 8080, dataDir: "/exchange/data" }, "listening")).toBe(
    "12:00:05 INFO  listening  port=8080 dataDir=data\n",
  );
  expect(read({}, "draining", "warn")).toBe("12:00:05 WARN  draining\n");
  const levels = (["trace", "debug", "error", "fatal"] as const).map((level) =>
    read({}, "x", level),
  );
  expect(levels.map((line) => line.slice(9))).toEqual([
    "TRACE x\n",
    "DEBUG x\n",
    "ERROR x\n",
    "FATAL x\n",
  ]);
});

test("members without meaning for people are left out", () => {
  const fields = {
    ...{ ticks: 3, refused: 0, snapshot: null, reason: "", removed: [] },
    ...{ stateHash: "1b3fe02125205d7e", hash: "ce95", sequence: 12, openMs: 4 },
  };
  expect(read(fields, "recovered")).toBe("12:00:05 INFO  recovered  ticks=3\n");
});

test("times are shown as times, in the machine's time zone", () => {
  const at = NOON.getTime();
  const day = [NOON.getFullYear(), NOON.getMonth() + 1, NOON.getDate()]
    .map((number) => String(number).padStart(2, "0"))
    .join("-");
  const told = `${day}T12:00:05`;
  expect(read({ since: at, starts_at: at, endsAt: at, at }, "maintenance")).toBe(
    `12:00:05 INFO  maintenance  since=${told} starts_at=${told} endsAt=${told} at=${told}\n`,
  );
  expect(read({ at: "soon", since: 9e15 }, "x")).toEndWith("x  at=soon since=9000000000000000\n");
});

test("values are words, texts or JSON; a long list is cut, an error is not", () => {
  const error = `no room: ${"x".repeat(500)}`;
  expect(read({ error, isLate: true, name: 'a"b' }, "x")).toEndWith(
    `x  error="${error}" isLate=true name="a\\"b"\n`,
  );
  expect(read({ symbols: Array.from({ length: 500 }, (_, i) => i) }, "x").length).toBeLessThan(130);
});

test("a stack is printed below the line, without the message that the line has", () => {
  const error = new Error("a\nb");
  const stack = "Error: a\nb\n    at first (/exchange/x.ts:1:2)\n    at second (/y.ts:3:4)";
  expect(read({ error: String(error), stack }, "internal error", "error")).toBe(
    '12:00:05 ERROR internal error  error="Error: a\\nb"\n' +
      "    at first (/exchange/x.ts:1:2)\n    at second (/y.ts:3:4)\n",
  );
});

test("the first line of another day has its date", () => {
  const human = new HumanLog(false);
  const line = (at: number): string => JSON.stringify({ level: 30, time: at, msg: "x" });
  const later = NOON.getTime() + 86_400_000;
  expect(human.text(line(NOON.getTime()))).toBe("12:00:05 INFO  x\n");
  expect(human.text(line(later))).toStartWith(`${new Date(later).toDateString()}\n`);
  expect(human.text(line(later))).not.toContain(new Date(later).toDateString());
});

test("text from outside cannot control the terminal", () => {
  const evil = "\u001b]0;owned\u0007\u009b31m\r\n\u202egnp";
  const text = read({ error: evil, plain: "\u009b2J", "k\u001b[2J": 1, list: [evil] }, evil);
  expect(text.slice(0, -1)).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(text).toContain("\\u001b]0;owned\\u0007\\u009b31m\\u000d\\u000a\\u202egnp");
});

test("colours are used only on a terminal that wants them", () => {
  const line = JSON.stringify({ level: 40, time: NOON.getTime(), at: 1, msg: "x" });
  const coloured = new HumanLog(true).text(line);
  expect(coloured).toContain("\u001b[33mWARN \u001b[39m");
  expect(Bun.stripANSI(coloured)).toBe(new HumanLog(false).text(line));
  expect(new HumanLog(false).text(line)).not.toContain("\u001b");
});
