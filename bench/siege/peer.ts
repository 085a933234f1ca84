/** A WebSocket client on a raw socket. It can break the rules, for example send invalid frames or answer no pings. */
import { randomBytes } from "node:crypto";
import { clientFrame, messageFrame, Opcode } from "../load/client-frames.ts";
import { connectTo } from "./connect.ts";
import { FrameScanner } from "./frame-scanner.ts";
import type { Tally } from "./tally.ts";

export type Path = "/orders" | "/market-data" | "/user-data";

export interface PeerOptions {
  port: number;
  path: Path;
  tally: Tally;
  headers?: Readonly<Record<string, string>>;
  /** Whether pings are answered; true by default. */
  answersPings?: boolean;
  /** How to connect; by default to the besieged server, with TLS if the siege uses it. */
  connect?: typeof connectTo;
  /** Gets every message that the server sends. */
  onMessage?: (payload: Buffer) => void;
}

/** An answer, or `closed` if the connection ended before it came. */
export interface Answer {
  result?: Record<string, unknown>;
  error?: { code: number; details?: Record<string, unknown> };
  closed?: string;
}

/** The server refused the upgrade. The message is "refused" and the status. */
export class UpgradeRefused extends Error {
  override readonly name = "UpgradeRefused";
}

export class Peer implements Disposable {
  /** How the connection ended: the close code, or "cut" without one. */
  readonly closed: Promise<string>;
  readonly #options: PeerOptions;
  readonly #scanner: FrameScanner;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  /** Resolves after the upgrade: with undefined, or with how the server refused it. */
  readonly #opened = Promise.withResolvers<string | undefined>();
  readonly #closed = Promise.withResolvers<string>();
  #head = "";
  #isOpen = false;
  #isOurs = false;
  #isSipping = false;
  #how = "cut";
  #socket: Bun.Socket | undefined;
  /** Bytes that the socket has not taken yet. */
  #unsent: Uint8Array[] = [];
  #onDrained = Promise.withResolvers<void>();
  #nextId = 1;

  private constructor(options: PeerOptions) {
    this.#options = options;
    this.#scanner = new FrameScanner((opcode, payload) => this.#onFrame(opcode, payload));
    this.closed = this.#closed.promise;
  }

  /** Connects and upgrades. Rejects with `UpgradeRefused`, or with an error if there is no connection. */
  static async open(options: PeerOptions): Promise<Peer> {
    const peer = new Peer(options);
    await (options.connect ?? connectTo)(options.port, {
      open: (socket) => {
        // Set here, because pings may come before `connect` resolves, and they need an answer.
        peer.#socket = socket;
        socket.setNoDelay(true);
        socket.write(upgradeRequest(options));
      },
      data: (_socket, chunk) => peer.#onData(chunk),
      drain: () => peer.#flush(),
      close: () => peer.#onClose(),
      error: () => peer.#onClose(),
    });
    const refusal = await peer.#opened.promise;
    if (refusal !== undefined) throw new UpgradeRefused(refusal);
    return peer;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the socket has taken everything that was written. */
  get isDrained(): boolean {
    return this.#unsent.length === 0;
  }

  /** Sends bytes as they are. What the socket does not take now is sent later. */
  write(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#unsent.push(bytes);
    if (this.#unsent.length === 1) this.#flush();
  }

  /** Resolves when the socket has taken everything, or when it is closed. */
  async drained(): Promise<void> {
    if (this.#isOpen && !this.isDrained) await this.#onDrained.promise;
  }

  /** Sends a request. Resolves with its answer, or with how the connection ended. */
  request(method: string, params: object = {}): Promise<Answer> {
    if (!this.#isOpen) return Promise.resolve({ closed: this.#how });
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const id = this.#nextId++;
    this.#waiting.set(id, resolve);
    this.write(messageFrame({ id, method, params }, "json"));
    return promise;
  }

  /** Stops reading, so that what the server sends piles up. */
  pause(): void {
    this.#socket?.pause();
  }

  /** Reads once, and then stops reading again. */
  sip(): void {
    this.#isSipping = true;
    this.#socket?.resume();
  }

  resume(): void {
    this.#socket?.resume();
  }

  /** Closes the sending half of the connection, and goes on reading. */
  halfClose(): void {
    this.#socket?.shutdown();
  }

  /** Ends the connection at once, without a close frame. */
  leave(): void {
    this.#isOurs = true;
    this.#socket?.terminate();
    this.#onClose();
  }

  [Symbol.dispose](): void {
    this.leave();
  }

  #onData(chunk: Uint8Array): void {
    if (this.#isSipping) {
      this.#isSipping = false;
      this.pause();
    }
    if (this.#isOpen) {
      this.#scanner.push(chunk);
      return;
    }
    this.#head += Buffer.from(chunk).toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const status = this.#head.split(" ", 2)[1];
    if (status !== "101") {
      this.#how = `refused ${status}`;
      this.#socket?.end();
      this.#onClose();
      return;
    }
    this.#isOpen = true;
    this.#opened.resolve(undefined);
    this.#scanner.push(Buffer.from(this.#head.slice(end + 4), "latin1"));
  }

  #onFrame(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.PING) {
      if (this.#options.answersPings ?? true) this.write(clientFrame(Opcode.PONG, payload.slice()));
    } else if (opcode === Opcode.CLOSE) {
      this.#how = payload.length < 2 ? "1005" : String(payload.readUInt16BE(0));
    } else if (opcode !== Opcode.PONG) {
      this.#options.tally.frame(opcode, payload);
      this.#options.onMessage?.(payload);
      this.#settle(payload);
    }
  }

  /** Passes an answer on. Answers begin with the id of their request, so only expected ones are parsed. */
  #settle(payload: Buffer): void {
    if (this.#waiting.size === 0) return;
    const id = Number(/^\{"id":(\d+),/.exec(payload.toString("latin1", 0, 24))?.[1]);
    const resolve = this.#waiting.get(id);
    if (resolve === undefined) return;
    this.#waiting.delete(id);
    resolve(JSON.parse(payload.toString()) as Answer);
  }

  #flush(): void {
    for (let bytes = this.#unsent[0]; bytes !== undefined; bytes = this.#unsent[0]) {
      const taken = Math.max(0, this.#socket?.write(bytes) ?? 0);
      if (taken < bytes.length) {
        this.#unsent[0] = bytes.subarray(taken);
        return;
      }
      this.#unsent.shift();
    }
    this.#onDrained.resolve();
    this.#onDrained = Promise.withResolvers();
  }

  #onClose(): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    if (wasOpen && !this.#isOurs) this.#options.tally.close(this.#how);
    this.#opened.resolve(this.#how);
    this.#unsent = [];
    this.#onDrained.resolve();
    for (const resolve of this.#waiting.values()) resolve({ closed: this.#how });
    this.#waiting.clear();
    this.#closed.resolve(this.#how);
  }
}

function upgradeRequest({ port, path, headers }: PeerOptions): string {
  const fields = {
    Host: `127.0.0.1:${port}`,
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return [`GET ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}
