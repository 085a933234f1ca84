/**
 * Finds the sockets that this process listens on. The runtime tells their port, not their descriptors. Linux only. It asks
 * for each descriptor; the system's table of sockets would be longer, with a line for each connection of the last minute.
 */
import { readdirSync } from "node:fs";
import { SOL_SOCKET, socketOption } from "./socket-option.ts";
import { TcpReceipts } from "./tcp-receipts.ts";

const SO_ACCEPTCONN = 30;

/** Descriptors of this process that listen on `port`. Empty where this cannot be found out. */
export function listeningDescriptors(port: number): number[] {
  const receipts = TcpReceipts.open();
  if (receipts === null) return [];
  return readdirSync("/proc/self/fd")
    .map(Number)
    .filter((descriptor) => socketOption(descriptor, SOL_SOCKET, SO_ACCEPTCONN) === 1)
    .filter((descriptor) => receipts.isOnPort(descriptor, port));
}
