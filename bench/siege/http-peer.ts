/** An HTTP client on a raw socket. It can send many requests at once, or only a part of one. */
import { connectTo } from "./connect.ts";
import type { Tally } from "./tally.ts";

/** A request without a body. */
export function httpRequest(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const fields = { Host: "127.0.0.1", ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

export class HttpPeer implements Disposable {
  readonly #tally: Tally;
  #socket: Bun.Socket | undefined;
  #isOpen = true;
  #unsent: Uint8Array = new Uint8Array(0);
  /** Requests that were written and not answered yet. */
  #waiting = 0;
  #onAnswered = Promise.withResolvers<void>();

  private constructor(tally: Tally) {
    this.#tally = tally;
  }

  static async open(port: number, tally: Tally): Promise<HttpPeer> {
    const peer = new HttpPeer(tally);
    try {
      const opened = Promise.withResolvers<void>();
      peer.#socket = await connectTo(port, {
        open: () => opened.resolve(),
        data: (_socket, chunk) => peer.#onData(chunk),
        drain: () => peer.#flush(),
        close: () => {
          opened.resolve();
          peer.#onClose();
        },
        error: () => peer.#onClose(),
      });
      await opened.promise;
    } catch {
      peer.#onClose();
    }
    return peer;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  write(text: string): void {
    if (!this.#isOpen) return;
    this.#waiting += text.split(" HTTP/1.1\r\n").length - 1;
    this.#unsent = Buffer.concat([this.#unsent, Buffer.from(text, "latin1")]);
    this.#flush();
  }

  /** Resolves when every request is answered, or the connection is closed. */
  async answered(): Promise<void> {
    if (this.#isOpen && this.#waiting > 0) await this.#onAnswered.promise;
  }

  /** Stops reading. */
  pause(): void {
    this.#socket?.pause();
  }

  leave(): void {
    this.#socket?.terminate();
    this.#isOpen = false;
  }

  [Symbol.dispose](): void {
    this.leave();
  }

  #flush(): void {
    const taken = Math.max(0, this.#socket?.write(this.#unsent) ?? 0);
    this.#unsent = this.#unsent.subarray(taken);
  }

  /** Counts status lines. One that is split between two chunks is missed, so one missing answer is tolerated. */
  #onData(chunk: Uint8Array): void {
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
    for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
      this.#tally.answer(`HTTP ${status}`);
      this.#waiting -= 1;
    }
    if (this.#waiting > 1) return;
    this.#waiting = 0;
    this.#onAnswered.resolve();
    this.#onAnswered = Promise.withResolvers();
  }

  #onClose(): void {
    if (this.#isOpen) this.#tally.close("cut");
    this.#isOpen = false;
    this.#onAnswered.resolve();
  }
}
