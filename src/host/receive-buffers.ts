/** How much the system keeps of what has come on a connection until it is read. Linux only. */
import { listeningDescriptors } from "./listening-descriptors.ts";
import { setSocketOption } from "./socket-option.ts";

const SO_RCVBUF = 8;

/**
 * Connections that are made to this process's port from now on keep about so many unread bytes, and their peers may not
 * send more before these are read: connections have what the socket has that listens. False when that cannot be had here.
 */
export function boundReceiveBuffers(port: number, bytes: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    const sockets = listeningDescriptors(port);
    const value = Int32Array.of(bytes);
    return (
      sockets.length > 0 && sockets.every((socket) => setSocketOption(socket, SO_RCVBUF, value))
    );
  } catch {
    return false;
  }
}
