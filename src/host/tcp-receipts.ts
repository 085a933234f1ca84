/**
 * This process's TCP connections, as the system sees them: how many bytes have come in, of which the runtime holds what
 * it has not handed over yet and does not tell; when something was last sent; and the end of those that the runtime
 * gives no handle for. Linux only.
 */
import type { Library } from "bun:ffi";
import { type IpAddress, parseIpAddress, placeInSite } from "../lib/ip-address.ts";
import { openCLibrary } from "./c-library.ts";
import { IPPROTO_TCP } from "./socket-option.ts";

const SYMBOLS = {
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  getpeername: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  shutdown: { args: ["i32", "i32"], returns: "i32" },
  dup: { args: ["i32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
} as const;

const TCP_INFO = 11;
/** Of `struct tcp_info`. */
const INFO_BYTES = 136;
const BYTES_RECEIVED_U64 = 16;
const LAST_SENT_U32 = 11;
const LAST_RECEIVED_U32 = 13;
const SHUT_RD = 0;
const SHUT_RDWR = 2;
const STANDARD_OUTPUT = 1;
/** `struct sockaddr_in6`; that of IPv4 is shorter. */
const ADDRESS_BYTES = 28;
const IPV4_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
const IPV4_TEXT = String.fromCharCode(...IPV4_PREFIX);
const ADDRESS_CHARACTERS = 16;
const SITE_CHARACTERS = 6;
const AF_INET = 2;
const AF_INET6 = 10;
/**
 * Descriptors are given out from the lowest on: behind so many that are no connections there is none, unless as many were
 * in use before and have been closed.
 */
const GAP_MAX = 1024;

/** Takes a connection's peer, as `peerKey` names it, the bytes that came from it, and its descriptor. */
export type ReceiptSink = (peer: string, bytes: number, descriptor: number) => void;

export class TcpReceipts {
  readonly #library: Library<typeof SYMBOLS>["symbols"];
  readonly #length = new Int32Array(1);
  readonly #info = new BigUint64Array(INFO_BYTES / 8);
  readonly #info32 = new Uint32Array(this.#info.buffer);
  readonly #address = new Uint8Array(ADDRESS_BYTES);
  /** An IPv4 address as one of IPv6. */
  readonly #mapped = Uint8Array.of(...IPV4_PREFIX, 0, 0, 0, 0);
  #next = 0;
  /** Descriptors since the last that was a connection. */
  #gap = 0;
  /** The highest that was a connection in this pass. */
  #highest = 0;
  /** A pass goes at least to here: a connection was there in the pass before, or all below were in use at a look. */
  #reach = 0;

  private constructor(library: Library<typeof SYMBOLS>["symbols"]) {
    this.#library = library;
  }

  /** Null where the system does not say. */
  static open(): TcpReceipts | null {
    const library = process.platform === "linux" ? openCLibrary(SYMBOLS) : null;
    return library && new TcpReceipts(library);
  }

  /** Looks at the next `count` descriptors; true when it came to the last, after which it begins with the first. */
  look(count: number, sink: ReceiptSink): boolean {
    const free = this.lowestFree();
    if (free > this.#reach && free !== Infinity) this.#reach = free;
    for (let n = 0; n < count; n++) {
      const descriptor = this.#next++;
      if (this.#tell(descriptor, sink)) {
        this.#gap = 0;
        this.#highest = descriptor;
      } else this.#gap++;
      if (this.#gap <= GAP_MAX || descriptor < this.#reach) continue;
      this.#reach = this.#highest;
      this.#next = 0;
      this.#gap = 0;
      this.#highest = 0;
      return true;
    }
    return false;
  }

  /** Of the connection that the sink is told of: milliseconds since something was sent, or since it was opened. */
  get sinceSentMs(): number {
    return this.#info32[LAST_SENT_U32] as number;
  }

  /** Of the same: something has come in since. */
  get isBusy(): boolean {
    return (this.#info32[LAST_RECEIVED_U32] as number) < this.sinceSentMs;
  }

  /** Whether a socket is at this port of ours: it listens there, or is a connection to it. */
  isOnPort(descriptor: number, port: number): boolean {
    this.#length[0] = ADDRESS_BYTES;
    if (this.#library.getsockname(descriptor, this.#address, this.#length) !== 0) return false;
    const family = this.#family();
    return (family === AF_INET || family === AF_INET6) && this.#port() === port;
  }

  /**
   * Ends a connection, if it still is that peer's, and (`evenBusy` false) nothing has come in since something was sent;
   * the runtime hears of it as if the peer had.
   */
  end(descriptor: number, peer: string, evenBusy: boolean): boolean {
    if (this.#peerOf(descriptor) !== peer) return false;
    if (!evenBusy && (!this.#readInfo(descriptor) || this.isBusy)) return false;
    return this.#library.shutdown(descriptor, SHUT_RDWR) === 0;
  }

  /** Every connection's descriptor, by its peer: 0.8 µs each. */
  descriptors(): Map<string, number> {
    const found = new Map<string, number>();
    let gap = 0;
    for (let descriptor = 0; gap <= GAP_MAX || descriptor < this.#reach; descriptor++) {
      const peer = this.#peerOf(descriptor);
      gap = peer === null ? gap + 1 : 0;
      if (peer !== null) found.set(peer, descriptor);
    }
    return found;
  }

  /**
   * What still comes on a connection, if it is that peer's, is not for reading: once the runtime has ended its own side, the
   * system resets the connection when more comes, instead of making room for it. What is on its way to the peer goes before.
   */
  stopReading(descriptor: number, peer: string): boolean {
    if (this.#peerOf(descriptor) !== peer) return false;
    return this.#library.shutdown(descriptor, SHUT_RD) === 0;
  }

  /** The lowest descriptor that is not in use: there are at least as many in use. All are, when it is Infinity. */
  lowestFree(): number {
    const descriptor = this.#library.dup(STANDARD_OUTPUT);
    if (descriptor < 0) return Infinity;
    this.#library.close(descriptor);
    return descriptor;
  }

  /** Whether it is a connection. */
  #tell(descriptor: number, sink: ReceiptSink): boolean {
    if (!this.#readInfo(descriptor)) return false;
    const peer = this.#peerOf(descriptor);
    if (peer !== null) sink(peer, Number(this.#info[BYTES_RECEIVED_U64]), descriptor);
    return true;
  }

  /** False when it is no connection. */
  #readInfo(descriptor: number): boolean {
    this.#length[0] = INFO_BYTES;
    const { getsockopt } = this.#library;
    return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, this.#info, this.#length) === 0;
  }

  /** Null when it is no connection, or has lost its peer. */
  #peerOf(descriptor: number): string | null {
    this.#length[0] = ADDRESS_BYTES;
    if (this.#library.getpeername(descriptor, this.#address, this.#length) !== 0) return null;
    const address = this.#address;
    const family = this.#family();
    if (family === AF_INET6) return keyOf(address.subarray(8, 24), this.#port());
    if (family !== AF_INET) return null;
    this.#mapped.set(address.subarray(4, 8), IPV4_PREFIX.length);
    return keyOf(this.#mapped, this.#port());
  }

  /** Of the address that was asked for last, as its port is. */
  #family(): number {
    return (this.#address[0] as number) | ((this.#address[1] as number) << 8);
  }

  #port(): number {
    return ((this.#address[2] as number) << 8) | (this.#address[3] as number);
  }
}

/** One text for each peer, however its address is written; null when it is no address. */
export function peerKey(address: string, port: number): string | null {
  const parsed = parseIpAddress(address);
  return parsed === null ? null : keyOf(parsed, port);
}

function keyOf(address: IpAddress, port: number): string {
  return port + Buffer.from(address.buffer, address.byteOffset, address.length).toString("latin1");
}

/** What all peers have in common who count as one address, as `networkOf` says. */
export function networkOfPeer(peer: string): string {
  const address = peer.slice(-ADDRESS_CHARACTERS);
  if (address.startsWith(IPV4_TEXT)) return address;
  const place = placeInSite(
    address.charCodeAt(SITE_CHARACTERS),
    address.charCodeAt(SITE_CHARACTERS + 1),
  );
  return address.slice(0, SITE_CHARACTERS) + String.fromCharCode(place);
}
