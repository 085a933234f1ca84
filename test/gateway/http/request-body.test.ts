/** Bodies as they come over a real connection. */
import { afterAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { readBody } from "../../../src/gateway/http/request-body.ts";
import { HttpError } from "../../../src/gateway/http/responses.ts";
import type { Route } from "../../../src/gateway/http/route.ts";
import { ErrorCode, errorBody } from "../../../src/protocol/errors.ts";
import { sendRaw } from "./raw-http.ts";
import { serveRoutes } from "./route-server.ts";

const BYTES_MAX = 1000;

const route = (path: string, timeMax: number): Route => ({
  method: "POST",
  path,
  answer: (request) => readBody(request, { bytesMax: BYTES_MAX, timeMax }),
});
/** Bytes that bodies have paid for. */
const paid: number[] = [];
const dear: Route = {
  method: "POST",
  path: "/dear",
  answer: (request) =>
    readBody(request, {
      pay(bytes) {
        paid.push(bytes);
        if (bytes > 4096) throw new HttpError(errorBody(ErrorCode.OVERLOADED));
      },
    }),
};
const served = serveRoutes([{ routes: [route("/patient", 30_000), route("/hasty", 50), dear] }]);
afterAll(() => {
  expect(served.bugs).toEqual([]);
  return served[Symbol.asyncDispose]();
});

const head = (path: string, ...headers: string[]) =>
  [`POST ${path} HTTP/1.1`, "Host: localhost", ...headers].join("\r\n").concat("\r\n\r\n");
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const CHUNKED = "Transfer-Encoding: chunked";

/** Status and JSON of the one answer that came before the server hung up. */
async function told(request: string | Buffer) {
  const text = await sendRaw(served.port, request);
  const [first = "", body = ""] = text.split("\r\n\r\n", 2);
  return { status: Number(first.split(" ")[1]), body: body === "" ? null : JSON.parse(body) };
}

const refusal = (status: number, code: number, issue: string) => ({
  status,
  body: expect.objectContaining({ code, details: { field: "body", issue } }),
});

test("a body in chunks is read to its end", async () => {
  const request = [
    head("/patient", CHUNKED, "Connection: close"),
    ...[chunk('{"a":'), chunk("1}"), "0\r\n\r\n"],
  ];
  expect(await told(request.join(""))).toEqual({ status: 200, body: { a: 1 } });
});

test("bytes after a chunked body make the whole body refused", async () => {
  for (const behind of ["X-Sum: 1\r\n\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"]) {
    const refused = served.refused.length;
    const text = await sendRaw(
      served.port,
      `${head("/patient", CHUNKED)}${chunk("{}")}0\r\n${behind}`,
    );
    expect(text).toStartWith("HTTP/1.1 400 ");
    while (served.refused.length === refused) await new Promise(setImmediate);
    expect(served.refused.at(-1)).toBe(40000);
  }
});

test("chunks that arrive together are charged as one step", async () => {
  const request = head("/dear", CHUNKED) + chunk(" ").repeat(40_000);
  expect(await told(request)).toEqual(expect.objectContaining({ status: 503 }));
  expect(paid.splice(0).at(-1)).toBeGreaterThan(4096);
});

test("a body that is not UTF-8, or begins with a byte-order mark, is refused", async () => {
  for (const [body, issue] of [
    ["\ufeff{}", expect.stringMatching(/^JSON Parse error/)],
    ["\ufeff", expect.stringMatching(/^JSON Parse error/)],
    [Buffer.from([0x22, 0xff, 0x22]), "Must be UTF-8"],
  ] as const) {
    const bytes = Buffer.from(body);
    const headers = [`Content-Length: ${bytes.length}`, "Connection: close"];
    const request = Buffer.concat([Buffer.from(head("/patient", ...headers)), bytes]);
    expect(await told(request)).toEqual(refusal(400, 40000, issue));
  }
});

test("a body may come in pieces after its head", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(served.port, "127.0.0.1");
  let received = "";
  socket.on("data", (data) => (received += data));
  socket.on("close", () => resolve(received));
  for (const piece of [head("/patient", "Content-Length: 7", "Connection: close"), '{"a"', ":1}"]) {
    await new Promise((sent) => socket.write(piece, sent));
    await new Promise(setImmediate);
  }
  expect(await promise).toEndWith('{"a":1}');
});

test("a body that never ends is abandoned after a time, and its connection is closed", async () => {
  const late = refusal(408, 40000, "Must arrive within 0.05 s");
  expect(await told(`${head("/hasty", "Content-Length: 7")}{"a"`)).toEqual(late);
  expect(await told(head("/hasty", CHUNKED) + chunk("{"))).toEqual(late);
});

test("a body that is too long is refused unread, and its connection is closed", async () => {
  const long = refusal(413, 40001, `Must have at most ${BYTES_MAX} bytes`);
  expect(await told(head("/patient", "Content-Length: 1001"))).toEqual(long);
  expect(await told(head("/patient", CHUNKED) + chunk("x".repeat(600)).repeat(2))).toEqual(long);
});

test("a client that disconnects before its body ends is not reported as an error", async () => {
  for (const header of ["Content-Length: 7", CHUNKED]) {
    const refused = served.refused.length;
    const socket = connect(served.port, "127.0.0.1");
    await new Promise((sent) => socket.write(head("/patient", header), sent));
    await new Promise(setImmediate);
    socket.destroy();
    while (served.refused.length === refused) await new Promise(setImmediate);
    expect(served.refused.at(-1)).toBe(40000);
  }
});

test("a long body is charged before it is read, and a refusal closes its connection", async () => {
  const refused = expect.objectContaining({ status: 503 });
  expect(await told(head("/dear", "Content-Length: 8193"))).toEqual(refused);
  expect(paid.splice(0)).toEqual([4097]);
});

test("a body without a length is charged step by step as it arrives", async () => {
  const request = (bytes: number) =>
    head("/dear", CHUNKED, "Connection: close") + chunk(`{${" ".repeat(bytes - 2)}}`);
  expect(await told(`${request(4096)}0\r\n\r\n`)).toEqual({ status: 200, body: {} });
  expect(paid).toEqual([]);
  expect(await told(`${request(4097)}0\r\n\r\n`)).toEqual({ status: 200, body: {} });
  expect(paid.splice(0)).toEqual([4096]);
  expect(await told(request(8193))).toEqual(expect.objectContaining({ status: 503 }));
  expect(paid.splice(0).at(-1)).toBe(8192);
});
