/**
 * A bare echo: for each message it writes a block to the disk, flushes it, and sends the message back. Its time shows
 * how slow the machine and its disk are at the moment. Writes a `ListeningLine` to standard output.
 */
import { fdatasync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jsonLine } from "./json-line.ts";

const BLOCK = Buffer.alloc(4096);

const directory = mkdtempSync(join(tmpdir(), "waiver-siege-echo-"));
const file = openSync(join(directory, "block"), "w");
// The open file remains usable until this process ends.
rmSync(directory, { recursive: true });
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request, upgrading) =>
    upgrading.upgrade(request) ? undefined : new Response(null, { status: 426 }),
  websocket: {
    message(socket, frame) {
      writeSync(file, BLOCK, 0, BLOCK.length, 0);
      fdatasync(file, () => void socket.send(frame));
    },
  },
});
jsonLine({ event: "listening", port: Number(server.port) });
