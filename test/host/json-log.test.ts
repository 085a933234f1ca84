import { expect, test } from "bun:test";
import { JsonLog, type LogLevel } from "../../src/host/json-log.ts";

/** A log from `level` on, and the lines that it has written. */
function logOf(level: LogLevel): { log: JsonLog; lines: string[] } {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  return { log: new JsonLog(level, { write }, () => 1_795_689_556_899), lines };
}

test("an entry is a line of JSON: level, time, members, message", () => {
  const { log, lines } = logOf("info");
  log.info({ port: 8080, stack: undefined, hash: 5n }, 'listening on\n"all"');
  expect(lines).toEqual([
    '{"level":30,"time":1795689556899,"port":8080,"hash":"5","msg":"listening on\\n\\"all\\""}\n',
  ]);
});

test("what is below the level is not written, and the level can be changed", () => {
  const { log, lines } = logOf("error");
  const { info, warn, error, fatal } = log;
  const all = [info, warn, error, fatal];
  for (const tell of all) tell({}, "x");
  log.level = "trace";
  for (const tell of all) tell({}, "x");
  log.level = "silent";
  for (const tell of all) tell({}, "x");
  const levels = lines.map((line) => (JSON.parse(line) as { level: number }).level);
  expect(levels).toEqual([50, 60, 30, 40, 50, 60]);
});
