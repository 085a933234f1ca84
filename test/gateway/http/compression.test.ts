import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { bestCoding, compressed, compressedOnce } from "../../../src/gateway/http/compression.ts";
import { route } from "../../../src/gateway/http/route.ts";
import { serveRoutes } from "./route-server.ts";

test.each([
  [null, null],
  ["", null],
  ["identity", null],
  ["br", null],
  ["gzip", "gzip"],
  ["GZIP", "gzip"],
  ["x-gzip", "gzip"],
  ["gzip, deflate, br, zstd", "zstd"],
  ["zstd;q=0.5, gzip", "gzip"],
  ["zstd;q=0.5, gzip ; q=0.4", "zstd"],
  ["zstd;q=0, gzip;q=0.001", "gzip"],
  ["gzip;q=0", null],
  ["gzip;q=0.000", null],
  ["*", "zstd"],
  ["*;q=0, gzip", "gzip"],
  ["zstd;q=0, *;q=0.1", "gzip"],
  ["gzip;q=0.5, identity", null],
  ["gzip;q=1.000, identity;q=0.5", "gzip"],
  ["gzip;q=2", null],
  ["gzip;q=x", null],
  ["gzip;q=0.1234", null],
  [`${"br,".repeat(63)}gzip`, "gzip"],
  [`${"br,".repeat(64)}gzip`, null],
])("Accept-Encoding: %j gets %p", (header, coding) => {
  expect(bestCoding(header)).toBe(coding as ReturnType<typeof bestCoding>);
});

describe("answers", () => {
  const long = { text: "text ".repeat(1000) };
  const routes = [
    route("GET /long", {}, () => long),
    route("GET /short", {}, () => ({ text: "text" })),
    route("GET /vary", {}, () => Response.json(long, { headers: { Vary: "Origin" } })),
    route("GET /cookie", {}, () => Response.json(long, { headers: { "Set-Cookie": "a=b" } })),
    route("GET /bytes", {}, () => new Response(new Uint8Array(5000))),
    route("GET /refused", {}, () => Response.json(long, { status: 400 })),
    route("POST /long", {}, () => long),
  ];

  /** What the server sends, without a client that decodes it by itself. */
  async function ask(path: string, accept: string | null, method = "GET") {
    await using served = serveRoutes([{ routes }]);
    const socket = connect(served.port, "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    const closed = new Promise((resolve) => socket.on("close", resolve));
    const encoding = accept === null ? "" : `Accept-Encoding: ${accept}\r\n`;
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\n${encoding}Connection: close\r\n\r\n`);
    await closed;
    const all = Buffer.concat(chunks);
    const end = all.indexOf("\r\n\r\n");
    const head = all.subarray(0, end).toString();
    const header = (name: string) =>
      [...head.matchAll(new RegExp(`^${name}: (.*)\\r?$`, "gim"))].map(([, value]) => value);
    return {
      coding: header("content-encoding"),
      vary: header("vary").join(", "),
      length: header("content-length"),
      body: all.subarray(end + 4),
    };
  }

  test("that are long are compressed in the requested encoding", async () => {
    const zipped = await ask("/long", "gzip");
    expect([zipped.coding, zipped.vary]).toEqual([["gzip"], "Accept-Encoding"]);
    expect(zipped.body.length).toBeLessThan(200);
    expect(zipped.length).toEqual([String(zipped.body.length)]);
    expect(JSON.parse(gunzipSync(zipped.body).toString())).toEqual(long);
    const zstd = await ask("/long", "zstd, gzip");
    expect([zstd.coding, JSON.parse(Bun.zstdDecompressSync(zstd.body).toString())]).toEqual([
      ["zstd"],
      long,
    ]);
  });

  test.each([
    ["/long", null, "GET", "Accept-Encoding"],
    ["/long", "br", "GET", "Accept-Encoding"],
    ["/short", "gzip", "GET", "Accept-Encoding"],
    ["/long", "gzip", "POST", ""],
    ["/cookie", "gzip", "GET", ""],
    ["/bytes", "gzip", "GET", ""],
    ["/refused", "gzip", "GET", ""],
  ])("%s for %j by %p is sent as it is", async (path, accept, method, vary) => {
    const answer = await ask(path, accept, method);
    expect([answer.coding, answer.vary]).toEqual([[], vary]);
    expect(answer.body.length).toBeGreaterThan(path === "/short" ? 5 : 4999);
  });

  test("keep their Vary header", async () => {
    expect((await ask("/vary", "gzip")).vary).toBe("Origin, Accept-Encoding");
  });

  test("to HEAD have the same headers and no body", async () => {
    const answer = await ask("/long", "gzip", "HEAD");
    expect([answer.coding, answer.body.length]).toEqual([["gzip"], 0]);
  });
});

describe("memory", () => {
  const request = new Request("http://x/", { headers: { "Accept-Encoding": "gzip" } });
  const response = (text: string) =>
    new Response(text.repeat(5000), { headers: { "Content-Type": "text/plain" } });

  test("is bounded: of simultaneous answers 16 wait for compression, and the others go out uncompressed", async () => {
    const given = Array.from({ length: 18 }, () => compressed(request, response("a")));
    const plain = given.filter((each) => each instanceof Response);
    expect(plain).toHaveLength(2);
    const all = await Promise.all(given);
    expect(all.filter(({ headers }) => headers.has("content-encoding"))).toHaveLength(16);
    expect(compressed(request, response("a"))).toBeInstanceOf(Promise);
  });

  test("is used once for constant content, however many clients ask", async () => {
    const texts = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const answer = await compressed(
          request,
          compressedOnce("test", response(String.fromCharCode(97 + i))),
        );
        expect(answer.headers.get("content-encoding")).toBe("gzip");
        return gunzipSync(await answer.arrayBuffer()).toString();
      }),
    );
    expect(new Set(texts)).toEqual(new Set(["a".repeat(5000)]));
  });
});
