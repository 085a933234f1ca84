/** The receive limits that the system set for a new connection to a port of this process. Linux only. */
import { IPPROTO_TCP, SOL_SOCKET, socketOption } from "../../src/host/socket-option.ts";
import { peerKey, TcpReceipts } from "../../src/host/tcp-receipts.ts";

const SO_RCVBUF = 8;
const TCP_MAXSEG = 2;

export interface Bounds {
  /** Unread bytes at the accepted end. */
  buffer: number;
  /** The largest segment of the connecting end, in bytes. */
  segment: number;
}

/** Connects to the port and asks the system. */
export async function receiveBoundsOf(port: number): Promise<Bounds> {
  const receipts = TcpReceipts.open();
  if (receipts === null) throw new Error("This system does not say");
  const client = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
  const peer = peerKey("127.0.0.1", client.localPort) as string;
  // A server accepts a connection only when something has come on it.
  client.write("G");
  let descriptor = receipts.descriptors().get(peer);
  while (descriptor === undefined) {
    await new Promise(setImmediate);
    descriptor = receipts.descriptors().get(peer);
  }
  // Missing in Bun's types.
  const { fd } = client as unknown as { fd: number };
  const bounds = {
    buffer: socketOption(descriptor, SOL_SOCKET, SO_RCVBUF) as number,
    segment: socketOption(fd, IPPROTO_TCP, TCP_MAXSEG) as number,
  };
  client.terminate();
  return bounds;
}
