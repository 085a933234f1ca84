import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  descriptorLimit,
  fitConnections,
  OWN_DESCRIPTORS,
} from "../../src/host/descriptor-limit.ts";

const directory = mkdtempSync(join(tmpdir(), "waiver-limits-"));
afterAll(() => rmSync(directory, { recursive: true }));

function limitIn(line: string): number | null {
  const path = join(directory, "limits");
  writeFileSync(
    path,
    `Max processes             127235               127235               processes\n${line}\n`,
  );
  return descriptorLimit(path);
}

test("the limit is the soft one; null if there is none or it is unknown", () => {
  expect(limitIn("Max open files            1024                 524288               files")).toBe(
    1024,
  );
  expect(limitIn("Max open files            unlimited            unlimited            files")).toBe(
    null,
  );
  expect(limitIn("")).toBe(null);
  expect(descriptorLimit(join(directory, "none"))).toBe(null);
});

const both = (connectionsMax: number) => ({ connectionsMax, httpConnectionsMax: 1024 });

test("the connection limit fits if the exchange's own descriptors are left over", () => {
  const fits = { ...both(1000), warning: null };
  expect(fitConnections(both(1000), null)).toEqual(fits);
  const few = { ...fits, httpConnectionsMax: 177 };
  expect(fitConnections(both(1000), 1417)).toEqual(few);
  expect(fitConnections(both(1000), 1416)).toEqual({
    ...few,
    connectionsMax: 999,
    warning: expect.any(String),
  });
  expect(fitConnections(both(100_000), 101_264)).toEqual({ ...fits, ...both(100_000) });
});

test("a limit that does not fit is lowered, with a message that has the numbers and what to do", () => {
  expect(fitConnections(both(10_000), 1024)).toEqual({
    connectionsMax: 656,
    httpConnectionsMax: 128,
    warning:
      "gateway.max_connections = 10000 needs 10368 file descriptors, and the system gives this process 1024: " +
      "656 connections at most. Raise it: ulimit -n, LimitNOFILE= of systemd, --ulimit nofile= of Docker",
  });
});

test("a descriptor limit that leaves none for connections stops the start", () => {
  expect(() => fitConnections(both(100), OWN_DESCRIPTORS)).toThrow(
    "gateway.max_connections = 100 needs 370 file descriptors, and the system gives this process 240. Raise it",
  );
});
