/** Whose socket a start may take away. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Counters } from "../../src/gateway/counters.ts";
import { Refusals } from "../../src/gateway/http/refusals.ts";
import { expectFreeSocket, serveLocally } from "../../src/gateway/local-socket.ts";
import { linesOf } from "../../src/lib/lines.ts";

/** Listens on a socket, and says so. */
const LISTENER = `require("node:net").createServer().listen(process.argv[1], () => console.log("listening"))`;
/** More than wait for a process that accepts none. */
const CONNECTIONS = 1024;

const serve = (path: string): Promise<AsyncDisposable> =>
  serveLocally({
    path,
    groups: [],
    refusals: new Refusals(() => 0),
    counters: new Counters(),
    onBug: () => undefined,
  });

/** The connections that are there when no more is taken. */
async function fill(path: string): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < CONNECTIONS) {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const socket = connect(path);
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    if (!(await promise)) return sockets;
    sockets.push(socket);
  }
  throw new Error(`${path} takes ${CONNECTIONS} connections and more`);
}

test.skipIf(process.platform !== "linux")(
  "a socket whose process hangs stays its own; that of a dead one is taken",
  async () => {
    const dir = mkdtempSync(join(tmpdir(), "socket of one "));
    const path = join(dir, "admin.sock");
    const other = Bun.spawn([process.execPath, "-e", LISTENER, path], { stdout: "pipe" });
    try {
      expect((await linesOf(other.stdout).next()).value).toBe("listening");
      const { ino } = statSync(path);
      other.kill("SIGSTOP");
      const sockets = await fill(path);
      const refusal = await serve(path).then(() => "served", String);
      expect(refusal).toContain("it is no socket, or another process uses it");
      expect(() => expectFreeSocket(path)).toThrow("it is no socket, or another process uses it");
      expect(statSync(path).ino).toBe(ino);
      for (const socket of sockets) socket.destroy();
    } finally {
      other.kill("SIGKILL");
      await other.exited;
    }
    expectFreeSocket(path);
    await using _ = await serve(path);
    rmSync(dir, { recursive: true });
  },
);

test("a local socket that cannot be created is refused before it is opened", () => {
  const dir = mkdtempSync(join(tmpdir(), "socket-"));
  expect(() => expectFreeSocket(dir)).toThrow("it is no socket, or another process uses it");
  expect(() => expectFreeSocket(join(dir, "no", "admin.sock"))).toThrow("directory is not there");
  expect(() => expectFreeSocket(join(dir, "a".repeat(108)))).toThrow("107 bytes at most");
  expectFreeSocket(join(dir, "admin.sock"));
  rmSync(dir, { recursive: true });
});
