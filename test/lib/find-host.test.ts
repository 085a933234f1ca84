import { afterEach, beforeEach, expect, spyOn, test } from "bun:test";
import { otlpSender } from "../../src/analytics/otlp.ts";
import { AddressKeys } from "../../src/identity/issuer-keys.ts";
import { findHost } from "../../src/lib/find-host.ts";
import { S3ObjectStore } from "../../src/persistence/archive/s3-object-store.ts";
import { SleeperClient } from "../../src/players/sleeper.ts";

const NOWHERE = "http://nowhere.example:1/path";

/** Names that were asked for; nobody answers for any of them but `found`. */
let asked: string[] = [];
let lookup: { mockRestore(): void };
let fetched: { mockRestore(): void; mock: { calls: unknown[] } };

beforeEach(() => {
  asked = [];
  lookup = spyOn(Bun.dns, "lookup").mockImplementation((host: string) => {
    asked.push(host);
    return host.startsWith("found.")
      ? Promise.resolve([{ address: "192.0.2.1", family: 4, ttl: 0 }])
      : new Promise(() => undefined);
  });
  fetched = spyOn(globalThis, "fetch");
});
afterEach(() => {
  expect(fetched.mock.calls).toEqual([]);
  lookup.mockRestore();
  fetched.mockRestore();
});

test("an address needs no look-up, a name does", async () => {
  await findHost("http://127.0.0.1:80/");
  await findHost("https://[::1]/");
  expect(asked).toEqual([]);
  await findHost("https://found.example/a");
  expect(asked).toEqual(["found.example"]);
});

test("who waits no longer hears why", async () => {
  const patience = new AbortController();
  const finding = findHost(NOWHERE, patience.signal);
  patience.abort(new Error("too long"));
  await expect(finding).rejects.toThrow("too long");
  await expect(findHost(NOWHERE, patience.signal)).rejects.toThrow("too long");
});

test("nothing connects to a name that nobody answers for: it would wait where the flushes do", async () => {
  const clock = {
    now: () => 0,
    after(_ms: number, run: () => void) {
      queueMicrotask(run);
      return () => undefined;
    },
  };
  const credentials = { accessKeyId: "id", secretAccessKey: "secret" };
  const store = new S3ObjectStore({
    bucket: "bucket",
    region: "region",
    endpoint: "http://archive.example:1",
    prefix: "",
    requestTimeoutMs: 1,
    credentials,
  } as ConstructorParameters<typeof S3ObjectStore>[0]);
  const players = new SleeperClient({ baseUrl: "http://players.example:1", timeoutMs: 1, clock });
  const tries = { etag: null, tries: 1, signal: new AbortController().signal };
  const keys = new AddressKeys("http://issuer.example:1/keys", 1);
  await keys.refresh(Date.now());
  await Promise.allSettled([
    store.list("").next(),
    players.fetchPlayers(tries),
    otlpSender("http://collector.example:1/v1/traces", 1)([]),
  ]);
  expect(asked.sort()).toEqual([
    "archive.example",
    "collector.example",
    "issuer.example",
    "players.example",
  ]);
});
