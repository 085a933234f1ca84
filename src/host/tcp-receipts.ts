/**
 * How many bytes have come in on this process's TCP connections, as the system counts them: what of it the runtime has
 * not handed over yet it holds itself, and does not tell of. Linux only.
 */
import type { Library } from "bun:ffi";
import { type IpAddress, parseIpAddress } from "../lib/ip-address.ts";
import { openCLibrary } from "./c-library.ts";

const SYMBOLS = {
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  getpeername: { args: ["i32", "ptr", "ptr"], returns: "i32" },
} as const;

const IPPROTO_TCP = 6;
const TCP_INFO = 11;
/** Of `struct tcp_info`. */
const INFO_BYTES = 136;
const BYTES_RECEIVED_U64 = 16;
/** `struct sockaddr_in6`; that of IPv4 is shorter. */
const ADDRESS_BYTES = 28;
const AF_INET = 2;
const AF_INET6 = 10;
/** Descriptors are given out from the lowest on: behind so many that are no connections there is none. */
const GAP_MAX = 1024;

/** Takes a connection's peer, as `peerKey` names it, and the bytes that came from it. */
export type ReceiptSink = (peer: string, bytes: number) => void;

export class TcpReceipts {
  readonly #library: Library<typeof SYMBOLS>["symbols"];
  readonly #length = new Int32Array(1);
  readonly #info = new BigUint64Array(INFO_BYTES / 8);
  readonly #address = new Uint8Array(ADDRESS_BYTES);
  #next = 0;
  /** Descriptors since the last that was a connection. */
  #gap = 0;

  private constructor(library: Library<typeof SYMBOLS>["symbols"]) {
    this.#library = library;
  }

  /** Null where the system does not say. */
  static open(): TcpReceipts | null {
    const library = process.platform === "linux" ? openCLibrary(SYMBOLS) : null;
    return library && new TcpReceipts(library);
  }

  /** Looks at the next `count` descriptors, after the last at the first again. */
  look(count: number, sink: ReceiptSink): void {
    for (let n = 0; n < count; n++) {
      const descriptor = this.#next++;
      if (this.#tell(descriptor, sink)) this.#gap = 0;
      else this.#gap++;
      if (this.#gap <= GAP_MAX) continue;
      this.#next = 0;
      this.#gap = 0;
      return;
    }
  }

  /** Whether it is a connection. */
  #tell(descriptor: number, sink: ReceiptSink): boolean {
    const { getsockopt, getpeername } = this.#library;
    this.#length[0] = INFO_BYTES;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, this.#info, this.#length) !== 0) return false;
    this.#length[0] = ADDRESS_BYTES;
    if (getpeername(descriptor, this.#address, this.#length) !== 0) return false;
    const peer = this.#peer();
    if (peer !== null) sink(peer, Number(this.#info[BYTES_RECEIVED_U64]));
    return true;
  }

  #peer(): string | null {
    const address = this.#address;
    const family = (address[0] as number) | ((address[1] as number) << 8);
    const port = ((address[2] as number) << 8) | (address[3] as number);
    if (family === AF_INET6) return keyOf(address.subarray(8, 24), port);
    if (family !== AF_INET) return null;
    return keyOf(Uint8Array.of(...IPV4_PREFIX, ...address.subarray(4, 8)), port);
  }
}

const IPV4_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** One text for each peer, however its address is written; null when that is none. */
export function peerKey(address: string, port: number): string | null {
  const parsed = parseIpAddress(address);
  return parsed === null ? null : keyOf(parsed, port);
}

function keyOf(address: IpAddress, port: number): string {
  return port + Buffer.from(address.buffer, address.byteOffset, address.length).toString("latin1");
}
