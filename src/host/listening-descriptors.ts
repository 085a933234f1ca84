/**
 * Sockets that this process listens on: the runtime tells their port, not their descriptors. Linux only. Each descriptor
 * is asked, and not the system's table of sockets: that has a line for each connection of the last minute.
 */
import { ptr } from "bun:ffi";
import { readdirSync } from "node:fs";
import { openCLibrary } from "./c-library.ts";

const SYMBOLS = {
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
} as const;
const SOL_SOCKET = 1;
const SO_ACCEPTCONN = 30;
const AF_INET = 2;
const AF_INET6 = 10;
/** Of the largest of all addresses. */
const ADDRESS_BYTES = 128;
/** Where both kinds of addresses have the port, in the network's order. */
const PORT_BYTE = 2;

/** Descriptors of this process that listen on the port. */
export function listeningDescriptors(port: number): number[] {
  const library = openCLibrary(SYMBOLS);
  if (library === null) return [];
  const { getsockopt, getsockname } = library;
  const option = new Int32Array(1);
  const address = new DataView(new ArrayBuffer(ADDRESS_BYTES));
  const length = new Uint32Array(1);

  const isListening = (descriptor: number): boolean => {
    length[0] = option.byteLength;
    const failed = getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, ptr(option), ptr(length));
    return failed === 0 && option[0] !== 0;
  };
  const portOf = (descriptor: number): number | null => {
    length[0] = ADDRESS_BYTES;
    if (getsockname(descriptor, ptr(address), ptr(length)) !== 0) return null;
    const family = address.getUint16(0, true);
    return family === AF_INET || family === AF_INET6 ? address.getUint16(PORT_BYTE) : null;
  };
  return readdirSync("/proc/self/fd")
    .map(Number)
    .filter((descriptor) => isListening(descriptor) && portOf(descriptor) === port);
}
