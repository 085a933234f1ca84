/** Bounds how many received bytes the system keeps for a connection until they are read. Linux only. */
import { listeningDescriptors } from "./listening-descriptors.ts";
import { IPPROTO_TCP, SOL_SOCKET, setSocketOption } from "./socket-option.ts";

const SO_RCVBUF = 8;
const TCP_MAXSEG = 2;
/**
 * The largest segment is this part of the buffer. Otherwise a peer on the same machine, such as a proxy, uses segments of
 * half the window that it was offered first, 32 KiB. Once small frames have filled a part of the buffer, such a segment does
 * not fit any more. Linux sends a smaller one only after a timer of 200 ms or more.
 */
const BUFFER_SEGMENTS = 4;

/**
 * From now on, a new connection to `port` of this process keeps about `bytes` unread bytes, and its peer cannot send more
 * until they are read. The listening sockets are changed, because connections inherit their options. False where the system
 * cannot do that.
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
