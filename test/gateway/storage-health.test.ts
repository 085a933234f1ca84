import { expect, test } from "bun:test";
import { StorageHealth } from "../../src/gateway/storage-health.ts";
import { logTo } from "../lib/logs.ts";

const noRoom = (message: string): Error => Object.assign(new Error(message), { code: "ENOSPC" });

function openHealth() {
  const logged: string[] = [];
  const log = logTo((level, fields, message) =>
    logged.push(`${level}: ${message} ${JSON.stringify(fields)}`),
  );
  const journal = { failure: null as Error | null, trouble: null as Error | null };
  const space = { warning: null as Error | null };
  const clock = { now: 1 };
  const { read } = new StorageHealth({
    journal,
    space,
    log,
    now: () => clock.now,
  });
  return { journal, space, clock, read, logged };
}

const ADVICE =
  '"advice":"Free space on this file system, or make it larger; where df shows room, it has none for more files (df -i)"';

test("healthy storage is ok and gives no reason", () => {
  const { read, logged } = openHealth();
  expect([read(), read(), logged]).toEqual([
    { status: "ok", since: 1 },
    { status: "ok", since: 1 },
    [],
  ]);
});

test("low space is degraded, and is logged once an episode, however the free bytes change", () => {
  const { space, clock, read, logged } = openHealth();
  clock.now = 2;
  space.warning = noRoom("9 bytes are free");
  expect(read()).toEqual({ status: "degraded", reason: "9 bytes are free", since: 2 });
  clock.now = 3;
  space.warning = noRoom("8 bytes are free");
  expect(read()).toEqual({ status: "degraded", reason: "8 bytes are free", since: 2 });
  const low = (bytes: number): string =>
    `warn: disk space is low, or unknown {"error":"${bytes} bytes are free",${ADVICE}}`;
  expect(logged).toEqual([low(9)]);
  clock.now = 4;
  space.warning = null;
  expect(read()).toEqual({ status: "ok", since: 4 });
  space.warning = noRoom("7 bytes are free");
  read();
  expect(logged).toEqual([low(9), "info: disk space is sufficient again {}", low(7)]);
});

test("two problems are reported together and logged separately", () => {
  const { journal, space, read, logged } = openHealth();
  journal.trouble = noRoom("the next segment cannot be prepared: full");
  space.warning = noRoom("9 bytes are free");
  expect(read()).toEqual({
    status: "degraded",
    reason: "the next segment cannot be prepared: full; 9 bytes are free",
    since: 1,
  });
  journal.trouble = null;
  expect(read()).toEqual({ status: "degraded", reason: "9 bytes are free", since: 1 });
  expect(logged).toEqual([
    "warn: the next segment cannot be prepared; trading stops if it is still so when it is needed " +
      `{"error":"the next segment cannot be prepared: full",${ADVICE}}`,
    `warn: disk space is low, or unknown {"error":"9 bytes are free",${ADVICE}}`,
    "info: the next segment is prepared {}",
  ]);
});

test("a failure outranks all other problems, is logged once with what to do, and never ends", () => {
  const { journal, space, clock, read, logged } = openHealth();
  space.warning = noRoom("0 bytes are free");
  read();
  clock.now = 2;
  journal.failure = new Error("the journal failed", { cause: noRoom("ENOSPC") });
  const failed = { status: "failed" as const, reason: "the journal failed", since: 2 };
  expect(read()).toEqual(failed);
  space.warning = null;
  clock.now = 3;
  expect(read()).toEqual(failed);
  expect(logged.filter((line) => line.startsWith("error"))).toEqual([
    `error: storage failed; restart to recover from disk {"error":"the journal failed",${ADVICE}}`,
  ]);
});

test("the log entry of an unexpected error also tells the operator to check the disk", () => {
  const { journal, read, logged } = openHealth();
  journal.failure = new Error("the journal failed");
  read();
  expect(logged).toEqual([
    "error: storage failed; restart to recover from disk " +
      '{"error":"the journal failed","advice":"Find out what is wrong with the disk"}',
  ]);
});
