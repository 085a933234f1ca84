/** How many unread bytes the system keeps of a new connection to a port of this process. Linux only. */
import { ptr } from "bun:ffi";
import { openCLibrary } from "../../src/host/c-library.ts";
import { peerKey, TcpReceipts } from "../../src/host/tcp-receipts.ts";

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;

/** Connects to it, and asks the system for the accepted end's buffer. */
export async function receiveBufferOf(port: number): Promise<number> {
  const library = openCLibrary({
    getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  });
  const receipts = TcpReceipts.open();
  if (library === null || receipts === null) throw new Error("This system does not say");
  const client = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
  const peer = peerKey("127.0.0.1", client.localPort) as string;
  // A server takes a connection when something has come on it.
  client.write("G");
  let descriptor = receipts.descriptors().get(peer);
  while (descriptor === undefined) {
    await new Promise(setImmediate);
    descriptor = receipts.descriptors().get(peer);
  }
  const bytes = new Int32Array(1);
  const length = Int32Array.of(bytes.byteLength);
  library.getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, ptr(bytes), ptr(length));
  client.terminate();
  return bytes[0] as number;
}
