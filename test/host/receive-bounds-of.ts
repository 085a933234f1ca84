/** What the system has bounded a new connection to, whose port is one of this process. Linux only. */
import { ptr } from "bun:ffi";
import { openCLibrary } from "../../src/host/c-library.ts";
import { peerKey, TcpReceipts } from "../../src/host/tcp-receipts.ts";

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const IPPROTO_TCP = 6;
const TCP_MAXSEG = 2;

export interface Bounds {
  /** Unread bytes of the accepted end. */
  buffer: number;
  /** Bytes of the largest segment of the end that connected. */
  segment: number;
}

/** Connects to it, and asks the system. */
export async function receiveBoundsOf(port: number): Promise<Bounds> {
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
  const ask = (socket: number, level: number, option: number): number => {
    const value = new Int32Array(1);
    const length = Int32Array.of(value.byteLength);
    library.getsockopt(socket, level, option, ptr(value), ptr(length));
    return value[0] as number;
  };
  // Missing in Bun's types.
  const { fd } = client as unknown as { fd: number };
  const bounds = {
    buffer: ask(descriptor, SOL_SOCKET, SO_RCVBUF),
    segment: ask(fd, IPPROTO_TCP, TCP_MAXSEG),
  };
  client.terminate();
  return bounds;
}
