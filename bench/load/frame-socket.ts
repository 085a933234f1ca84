/** A WebSocket client on a raw TCP socket: it must cost far less than the server that it measures. */
import type { Encoding } from "../../src/protocol/encoding.ts";
import { clientFrame, Opcode } from "./client-frames.ts";
import { FrameReader, type FrameSink } from "./frame-reader.ts";
import { upgradeEnd, upgradeRequest } from "./upgrade.ts";

export interface FrameSocketOptions {
  hostname: string;
  port: number;
  /** "/orders" or "/market-data". */
  path: string;
  encoding: Encoding;
  /** Takes text and binary frames; pings are answered here. May throw, which ends the connection. */
  onFrame: FrameSink;
  /** Every whole frame of what was read has been handed over. May throw, which ends the connection. */
  onRead?: () => void;
  /** The socket takes bytes again after a short write. */
  onDrain?: () => void;
  /** Told once: the server closed the connection, or something threw. */
  onFault: (error: Error) => void;
}

export class FrameSocket {
  readonly #options: FrameSocketOptions;
  readonly #reader: FrameReader;
  readonly #upgrading = Promise.withResolvers<void>();
  #socket: Bun.Socket | undefined;
  #isUpgraded = false;
  /** The last write was short: half a frame may be in the socket. */
  #isShort = false;
  #isClosed = false;

  private constructor(options: FrameSocketOptions) {
    this.#options = options;
    this.#reader = new FrameReader((opcode, bytes, start, end) => {
      if (opcode <= Opcode.BINARY) options.onFrame(opcode, bytes, start, end);
      else this.#onControlFrame(opcode, bytes, start, end);
    });
  }

  /** Connects and upgrades; rejects when the server refuses either. */
  static async open(options: FrameSocketOptions): Promise<FrameSocket> {
    const { hostname, port, path, encoding } = options;
    const opened = new FrameSocket(options);
    opened.#socket = await Bun.connect({
      hostname,
      port,
      socket: {
        open: (socket) => {
          socket.setNoDelay(true);
          socket.write(upgradeRequest(`${hostname}:${port}`, path, encoding));
        },
        data: (_socket, chunk) => opened.#onData(chunk),
        drain: () => options.onDrain?.(),
        close: () => opened.#fail(new Error("The server closed the connection")),
        error: (_socket, error) => opened.#fail(error),
      },
    });
    await opened.#upgrading.promise;
    return opened;
  }

  /** Returns how many bytes the socket took; the caller sends the others after `onDrain`. */
  write(bytes: Uint8Array): number {
    const taken = Math.max(0, this.#socket?.write(bytes) ?? 0);
    this.#isShort = taken < bytes.length;
    return taken;
  }

  /** Sends a small frame whole; throws when the socket does not take it. */
  send(frame: Uint8Array): void {
    if (this.write(frame) !== frame.length) throw new Error("A short write of a small frame");
  }

  /**
   * The descriptor of the socket, which is not read here any more, and what has been read of a frame that has not come whole.
   * Frames are still written here, and pings answered with `pong`.
   */
  handOver(): { descriptor: number; rest: Uint8Array } {
    this.#socket?.pause();
    // Missing in Bun's types.
    const { fd: descriptor } = this.#socket as unknown as { fd: number };
    return { descriptor, rest: this.#reader.rest };
  }

  pong(payload: Uint8Array): void {
    // Left out after a short write; there will be a next ping.
    if (!this.#isShort) this.send(clientFrame(Opcode.PONG, payload));
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.end();
  }

  #onData(chunk: Uint8Array): void {
    try {
      let frames = chunk;
      if (!this.#isUpgraded) {
        frames = chunk.subarray(upgradeEnd(chunk));
        this.#isUpgraded = true;
        this.#upgrading.resolve();
      }
      this.#reader.push(frames);
      this.#options.onRead?.();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #onControlFrame(opcode: number, bytes: Uint8Array, start: number, end: number): void {
    if (opcode === Opcode.CLOSE) {
      const code = end - start >= 2 ? (bytes[start] << 8) | bytes[start + 1] : 1005;
      throw new Error(`The server closed the connection with ${code}`);
    }
    if (opcode === Opcode.PING) this.pong(bytes.subarray(start, end));
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket?.terminate();
    this.#upgrading.reject(error);
    this.#options.onFault(error);
  }
}
