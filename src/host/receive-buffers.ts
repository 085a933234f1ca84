/** How much the system keeps of what has come on a connection until it is read. Linux only. */
import { listeningDescriptors } from "./listening-descriptors.ts";
import { IPPROTO_TCP, SOL_SOCKET, setSocketOption } from "./socket-option.ts";

const SO_RCVBUF = 8;
const TCP_MAXSEG = 2;
/**
 * The largest segment is a quarter of the buffer. A peer on the same machine, such as a proxy, would have segments of half the
 * room that it was offered at first, 32 KiB. When little frames have made that room smaller, a whole segment does not fit
 * any more, and Linux sends less only when a timer says so, every 200 ms or later.
 */
const BUFFER_SEGMENTS = 4;

/**
 * Connections that are made to this process's port from now on keep about so many unread bytes, and their peers may not
 * send more before these are read: connections have what the socket has that listens. False when that cannot be had here.
 */
export function boundReceiveBuffers(port: number, bytes: number): boolean {
  if (process.platform !== "linux") return false;
  const buffer = Int32Array.of(bytes);
  const segment = Int32Array.of(bytes / BUFFER_SEGMENTS);
  const bound = (socket: number): boolean =>
    setSocketOption(socket, SOL_SOCKET, SO_RCVBUF, buffer) &&
    setSocketOption(socket, IPPROTO_TCP, TCP_MAXSEG, segment);
  try {
    const sockets = listeningDescriptors(port);
    return sockets.length > 0 && sockets.every(bound);
  } catch {
    return false;
  }
}
