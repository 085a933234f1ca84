import { afterAll, beforeAll, describe, expect, setSystemTime, test } from "bun:test";
import { serve } from "bun";
import type { ObjectStore, StoredObject } from "../../../src/persistence/archive/object-store.ts";
import { ObjectStoreError, readWhole } from "../../../src/persistence/archive/object-store.ts";
import type { S3Location } from "../../../src/persistence/archive/s3-object-store.ts";
import { S3ObjectStore } from "../../../src/persistence/archive/s3-object-store.ts";
import { MemoryObjectStore } from "./memory-object-store.ts";
import { CREDENTIALS, S3Server, START_TIMEOUT_MS, skipsWithoutS3 } from "./s3-server.ts";
import { SlowProxy } from "./slow-proxy.ts";

const HOUR_MS = 3_600_000;

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function textOf(store: ObjectStore, key: string): Promise<string> {
  return new TextDecoder().decode(await readWhole(store, key));
}

async function listed(store: ObjectStore, start: string): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of store.list(start)) objects.push(object);
  return objects;
}

/** The trouble that a request ends in. */
async function troubleOf(request: Promise<unknown>): Promise<[string, string]> {
  try {
    return ["none", String(await request)];
  } catch (error) {
    if (error instanceof ObjectStoreError) return [error.trouble, error.message];
    throw error;
  }
}

/** What every store does; `make` gives an empty one. */
function testStore(make: () => ObjectStore): void {
  test("gives back what was put, whole", async () => {
    const store = make();
    await store.put("wal/a", [bytes("he"), bytes("llo"), bytes("")]);
    await store.put("wal/empty", []);
    expect(await textOf(store, "wal/a")).toBe("hello");
    expect(await textOf(store, "wal/empty")).toBe("");
    expect(await store.size("wal/a")).toBe(5);
    expect(await store.size("wal/empty")).toBe(0);
  });

  test("replaces an object", async () => {
    const store = make();
    await store.put("a", [bytes("first")]);
    await store.put("a", [bytes("second, and longer")]);
    expect(await textOf(store, "a")).toBe("second, and longer");
  });

  test("keeps large objects as they are", async () => {
    const store = make();
    const pieces = Array.from({ length: 12 }, () =>
      crypto.getRandomValues(new Uint8Array(64 * 1024)),
    );
    await store.put("large", pieces);
    expect(Buffer.concat(pieces).equals(await readWhole(store, "large"))).toBe(true);
  });

  test("says when there is no object", async () => {
    const store = make();
    expect(await store.size("none")).toBeNull();
    const [trouble, message] = await troubleOf(readWhole(store, "none"));
    expect([trouble, message.includes(`${store.url}none: `)]).toEqual(["missing-object", true]);
  });

  test("lists the keys that begin as asked for, in order", async () => {
    const store = make();
    for (const key of ["wal/2", "wal/1", "snapshots/7", "wal/10", "manifest.json"]) {
      await store.put(key, [bytes(key)]);
    }
    expect(await listed(store, "wal/")).toEqual([
      { key: "wal/1", bytes: 5 },
      { key: "wal/10", bytes: 6 },
      { key: "wal/2", bytes: 5 },
    ]);
    expect(await listed(store, "nothing/")).toEqual([]);
  });

  test("refuses everything once it is closed", async () => {
    const store = make();
    store.close();
    const requests = [
      store.put("a", [bytes("a")]),
      readWhole(store, "a"),
      store.size("a"),
      listed(store, ""),
    ];
    const troubles = await Promise.all(requests.map(troubleOf));
    expect(troubles.map(([trouble]) => trouble)).toEqual(Array(4).fill("closed"));
  });
}

describe("the store in memory", () => {
  testStore(() => new MemoryObjectStore());
});

test.each([
  [403, ["credentials", expect.stringContaining("(AccessDenied, status 403)")]],
  [200, ["none", "undefined"]],
])("of an answer %d that goes on and on the beginning counts", async (status, ending) => {
  const code = new TextEncoder().encode("<Error><Code>AccessDenied</Code></Error>".padEnd(65_536));
  await using server = serve({
    ...{ port: 0, hostname: "127.0.0.1" },
    fetch: () =>
      new Response(new ReadableStream({ start: (body) => body.enqueue(code) }), { status }),
  });
  const store = new S3ObjectStore({
    ...{ bucket: "b", region: "r", endpoint: `http://127.0.0.1:${server.port}`, prefix: "" },
    ...{ requestTimeoutMs: 20_000, credentials: CREDENTIALS },
  });
  expect(await troubleOf(store.put("a", [bytes("a")]))).toEqual(ending as [string, string]);
});

describe.skipIf(skipsWithoutS3())("the store on an S3 server", () => {
  let server: S3Server;

  beforeAll(async () => {
    server = await S3Server.start();
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  }, START_TIMEOUT_MS);

  function open(changes: Partial<S3Location> = {}): S3ObjectStore {
    return new S3ObjectStore(server.location(changes));
  }

  testStore(() => open());

  test("lists more than a page of keys", async () => {
    const store = open();
    const keys = Array.from({ length: 1005 }, (_, i) => `wal/${String(i).padStart(4, "0")}`);
    for (let i = 0; i < keys.length; i += 15) {
      await Promise.all(keys.slice(i, i + 15).map((key) => store.put(key, [])));
    }
    expect((await listed(store, "wal/")).map(({ key }) => key)).toEqual(keys);
  });

  test("works without a prefix", async () => {
    const store = open({ prefix: "" });
    await store.put("plain", [bytes("plain")]);
    expect(await textOf(store, "plain")).toBe("plain");
    expect(await listed(store, "plain")).toEqual([{ key: "plain", bytes: 5 }]);
    expect(store.url).toBe("s3://waiver-test/");
  });

  test.each<[string, Partial<S3Location>, string, string]>([
    [
      "a wrong secret",
      { credentials: { ...CREDENTIALS, secretAccessKey: "WRONG" } },
      "credentials",
      "AWS_SECRET_ACCESS_KEY",
    ],
    [
      "an unknown key",
      { credentials: { ...CREDENTIALS, accessKeyId: "NOBODY" } },
      "credentials",
      "AWS_ACCESS_KEY_ID",
    ],
    ["a missing bucket", { bucket: "waiver-none" }, "missing-bucket", "Create the bucket"],
    ["a server that is down", { endpoint: "http://127.0.0.1:1" }, "unreachable", "endpoint"],
  ])("tells %s", async (_what, changes, trouble, advice) => {
    const store = open(changes);
    const retainUntil = new Date(Date.now() + HOUR_MS);
    const requests = [
      store.put("a", [bytes("a")]),
      store.put("a", [bytes("a")], { retainUntil }),
      readWhole(store, "a"),
      listed(store, ""),
    ];
    for (const [found, message] of await Promise.all(requests.map(troubleOf))) {
      expect([found, message.startsWith(store.url), message.includes(advice)]).toEqual([
        trouble,
        true,
        true,
      ]);
    }
  });

  test.each([-20, 20])("tells a clock that is %d minutes from the server's", async (minutes) => {
    const store = open();
    const retainUntil = new Date(Date.now() + HOUR_MS);
    setSystemTime(new Date(Date.now() + minutes * 60_000));
    try {
      const put = store.put("a", [bytes("a")], { retainUntil });
      const [trouble, message] = await troubleOf(put);
      expect([trouble, message.includes("RequestTimeTooSkewed")]).toEqual(["credentials", true]);
      expect(message).toContain("the clock");
    } finally {
      setSystemTime();
    }
  });

  test("tells a full bucket", async () => {
    const store = open({ bucket: "waiver-full" });
    await server.setQuota("waiver-full", 16 * 1024);
    const large = [crypto.getRandomValues(new Uint8Array(64 * 1024))];
    const [trouble, message] = await troubleOf(store.put("large", large));
    expect([trouble, message.includes("Raise the quota")]).toEqual(["full", true]);
    await server.setQuota("waiver-full", null);
    await store.put("large", large);
    expect(await store.size("large")).toBe(64 * 1024);
  });

  test("gives a request up when nothing moves, and tells which limit it was", async () => {
    await using proxy = await SlowProxy.start(server.port);
    const store = open({ endpoint: proxy.endpoint, requestTimeoutMs: 500 });
    proxy.holdAfter(0);
    const large = Array.from({ length: 64 }, () => new Uint8Array(256 * 1024));
    const requests = [
      store.put("a", large),
      readWhole(store, "a"),
      store.size("a"),
      listed(store, ""),
    ];
    for (const [trouble, message] of await Promise.all(requests.map(troubleOf))) {
      expect([trouble, message.includes("500 ms"), message.includes("request_timeout_ms")]).toEqual(
        ["slow", true, true],
      );
    }
    proxy.release();
    await store.put("a", [bytes("a")]);
    expect(await textOf(store, "a")).toBe("a");
  });

  test("closing ends what is under way", async () => {
    await using proxy = await SlowProxy.start(server.port);
    const store = open({ endpoint: proxy.endpoint });
    proxy.holdAfter(1000);
    const sent = proxy.sent(1000);
    const put = troubleOf(store.put("a", [new Uint8Array(256 * 1024)]));
    await sent;
    store.close();
    expect((await put)[0]).toBe("closed");
  });

  test("an upload that is cut off leaves the object as it was", async () => {
    await using proxy = await SlowProxy.start(server.port);
    const store = open({ endpoint: proxy.endpoint });
    await store.put("a", [bytes("as it was")]);
    proxy.holdAfter(500_000);
    const sent = proxy.sent(500_000);
    const pieces = Array.from({ length: 64 }, () =>
      crypto.getRandomValues(new Uint8Array(64 * 1024)),
    );
    const put = troubleOf(store.put("a", pieces));
    await sent;
    await server.stopGateway();
    expect((await put)[0]).toBe("unreachable");
    await server.startGateway();
    proxy.release();
    expect(await textOf(store, "a")).toBe("as it was");
  });

  test("asks for retention where the bucket can give it, and is told where not", async () => {
    const retainUntil = new Date(Date.now() + HOUR_MS);
    const [trouble] = await troubleOf(open().put("a", [bytes("a")], { retainUntil }));
    expect(trouble).toBe("no-retention");

    const locked = open({ bucket: "waiver-lock" });
    await locked.put("a b", [bytes("kept")], { retainUntil });
    expect(await textOf(locked, "a b")).toBe("kept");
    const key = `${locked.url.slice("s3://waiver-lock/".length)}a b`;
    const client = new Bun.S3Client({
      ...CREDENTIALS,
      endpoint: server.endpoint,
      bucket: "waiver-lock",
    });
    const answer = await fetch(client.presign(key, { method: "HEAD" }), { method: "HEAD" });
    expect(answer.headers.get("x-amz-object-lock-mode")).toBe("GOVERNANCE");
    const until = answer.headers.get("x-amz-object-lock-retain-until-date") ?? "";
    expect(Date.parse(until)).toBe(retainUntil.getTime());
  });
});
