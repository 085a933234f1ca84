import { connect, type Socket } from "node:net";

export interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The usual headers of an upgrade. */
const UPGRADE: Readonly<Record<string, string>> = {
  Host: "127.0.0.1",
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/**
 * A TCP connection that speaks the WebSocket protocol by hand. It shows what a proper client hides: the
 * answer to an upgrade, frames that break the protocol, and a client that does not read.
 */
export class RawConnection implements Disposable {
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  readonly #wake = new Set<() => void>();

  private constructor(readonly socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#tell();
    });
    socket.on("close", () => {
      this.#ended = true;
      this.#tell();
    });
    socket.on("error", () => {
      this.#ended = true;
      this.#tell();
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, "127.0.0.1");
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new RawConnection(socket);
  }

  /** Requests an upgrade and returns the answer, whatever it is. */
  async upgrade(target: string, headers: Readonly<Record<string, string>> = {}): Promise<Head> {
    const lines = Object.entries({ ...UPGRADE, ...headers }).map(([name, v]) => `${name}: ${v}`);
    this.socket.write(`GET ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    await this.until(() => this.#received.includes("\r\n\r\n") || this.#ended);
    const end = this.#received.indexOf("\r\n\r\n");
    const [first = "", ...rest] = this.#received.subarray(0, end).toString().split("\r\n");
    const named = rest.map((line) => line.split(/:\s*/, 2) as [string, string]);
    const fields = new Map(named.map(([name, value]) => [name.toLowerCase(), value]));
    const length = Number(fields.get("content-length") ?? 0);
    await this.until(() => this.#received.length >= end + 4 + length || this.#ended);
    const body = this.#received.subarray(end + 4, end + 4 + length).toString();
    this.#received = this.#received.subarray(end + 4 + length);
    return { status: Number(first.split(" ")[1]), headers: fields, body };
  }

  /** Sends one masked frame; `first` is the byte of FIN and opcode, 0x81 for text, 0x82 for binary. */
  sendFrame(first: number, payload: Uint8Array): void {
    this.socket.write(maskedFrame(first, Buffer.from(payload)));
  }

  /** The close code that the server sent, or undefined when it just hung up. */
  async closeCode(): Promise<number | undefined> {
    await this.until(() => this.#ended || this.#closeFrame() !== undefined);
    return this.#closeFrame();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake.add(resolve);
      await promise;
    }
  }

  get ended(): boolean {
    return this.#ended;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #tell(): void {
    for (const wake of this.#wake) wake();
    this.#wake.clear();
  }

  /** Of the whole frames received. */
  opcodes(): number[] {
    return this.#frames().map(({ opcode }) => opcode);
  }

  #closeFrame(): number | undefined {
    const payload = this.#frames().find(({ opcode }) => opcode === 8)?.payload;
    if (payload === undefined) return undefined;
    return payload.length < 2 ? 1005 : payload.readUInt16BE(0);
  }

  /** Walks through the unmasked frames received, up to the last complete one. */
  #frames(): { opcode: number; payload: Buffer }[] {
    const bytes = this.#received;
    const frames: { opcode: number; payload: Buffer }[] = [];
    let at = 0;
    while (at + 2 <= bytes.length) {
      const opcode = bytes.readUInt8(at) & 0x0f;
      const short = bytes.readUInt8(at + 1) & 0x7f;
      const size = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (at + size > bytes.length) break;
      const length = short < 126 ? short : readLength(bytes, at + 2, size - 2);
      const end = at + size + length;
      if (end > bytes.length) break;
      frames.push({ opcode, payload: bytes.subarray(at + size, end) });
      at = end;
    }
    return frames;
  }
}

function readLength(bytes: Buffer, at: number, width: number): number {
  return width === 2 ? bytes.readUInt16BE(at) : Number(bytes.readBigUInt64BE(at));
}

function maskedFrame(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = length < 126 ? Buffer.alloc(6) : Buffer.alloc(length < 65536 ? 8 : 14);
  head.writeUInt8(first, 0);
  if (length < 126) {
    head.writeUInt8(0x80 | length, 1);
  } else if (length < 65536) {
    head.writeUInt8(0x80 | 126, 1);
    head.writeUInt16BE(length, 2);
  } else {
    head.writeUInt8(0x80 | 127, 1);
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  // The mask is four zero bytes, so it does not change the payload.
  return Buffer.concat([head, payload]);
}
