import { expect, test } from "bun:test";
import { createServer } from "node:net";
import { post } from "../../src/webhooks/post.ts";

/** What becomes of a post whose receiver answers with these pieces, one after the other. */
async function answered(pieces: readonly string[]): Promise<number> {
  const server = createServer(async (socket) => {
    socket.on("error", () => undefined);
    for (const piece of pieces) {
      await new Promise((resolve) => socket.write(piece, resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as { port: number };
    const url = new URL(`http://127.0.0.1:${port}/`);
    return await post({ address: "127.0.0.1", port, url }, {}, "{}");
  } finally {
    server.close();
  }
}

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const HINTS = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";

test.each([
  [["HTTP/1.1 204 No Content\r\n"], 204],
  [[CONTINUE, "HTTP/1.1 200 OK\r\n"], 200],
  [[`${CONTINUE}${HINTS}HTTP/1.1 500 No\r\n`], 500],
  [[HINTS.slice(0, 40), `${HINTS.slice(40)}HTTP/1.1 2`, "01 Created\r\n"], 201],
  [["HTTP/1.1 101 Switching Protocols\r\n\r\n"], 101],
])("%j is status %d", async (pieces, status) => {
  expect(await answered(pieces)).toBe(status);
});

test.each([
  [["no HTTP".repeat(2000)], "the answer is not HTTP"],
  [Array(400).fill(CONTINUE), "the answer is not HTTP"],
  [[CONTINUE], "closed without an answer"],
])("%# is no answer", async (pieces, reason) => {
  await expect(answered(pieces)).rejects.toThrow(reason);
});
