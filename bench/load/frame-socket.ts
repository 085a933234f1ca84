/** A WebSocket client on a raw TCP socket, because a client must cost far less than the server that it measures. */
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
  /** Takes text and binary frames; this class answers pings itself. If it throws, the connection ends. */
  onFrame: FrameSink;
  /** Called when all complete frames of a read have been passed to `onFrame`. If it throws, the connection ends. */
  onRead?: () => void;
  /** The socket takes bytes again after a short write. */
  onDrain?: () => void;
  /** Called once, when the server closes the connection or a handler throws. */
  onFault: (error: Error) => void;
}

export class FrameSocket {
  readonly #options: FrameSocketOptions;
  readonly #reader: FrameReader;
  readonly #upgrading = Promise.withResolvers<void>();
  #socket: Bun.Socket | undefined;
  #isUpgraded = false;
  /** The last write was short, so the socket may have only a part of a frame. */
  #isShort = false;
  #isClosed = false;

  private constructor(options: FrameSocketOptions) {
    this.#options = options;
    this.#reader = new FrameReader((opcode, bytes, start, end) => {
      if (opcode <= Opcode.BINARY) options.onFrame(opcode, bytes, start, end);
      else this.#onControlFrame(opcode, bytes, start, end);
    });
  }

  /** Connects and upgrades. Rejects if the server refuses one of them. */
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

  /** Returns how many bytes the socket took. The caller sends the remaining bytes after `onDrain`. */
  write(bytes: Uint8Array): number {
    const taken = Math.max(0, this.#socket?.write(bytes) ?? 0);
    this.#isShort = taken < bytes.length;
    return taken;
  }

  /** Sends a whole small frame. Throws if the socket does not take all of it. */
  send(frame: Uint8Array): void {
    if (this.write(frame) !== frame.length) throw new Error("A short write of a small frame");
  }

  /**
   * Stops reading and returns the socket's descriptor, so that the caller can read from it, and the part of an
   * incomplete frame that was already read. Frames are still written here. The caller answers pings with `pong`.
   */
  handOver(): { descriptor: number; rest: Uint8Array } {
    this.#socket?.pause();
    // Bun's types lack `fd`.
    const { fd: descriptor } = this.#socket as unknown as { fd: number };
    return { descriptor, rest: this.#reader.rest };
  }

  pong(payload: Uint8Array): void {
    // After a short write a pong would break the frame before it. The server will ping again.
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
