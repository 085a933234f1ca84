/**
 * Writes a block to the disk, flushes it and sends back what it got, and does nothing else: how long that takes is the
 * doing of the machine, and of whoever else works on it. Writes a `ListeningLine`.
 */
import { fdatasync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jsonLine } from "./json-line.ts";

const BLOCK = Buffer.alloc(4096);

const directory = mkdtempSync(join(tmpdir(), "waiver-siege-echo-"));
const file = openSync(join(directory, "block"), "w");
// The open file stays as long as this process.
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
