/** A connection that speaks HTTP byte by byte. */
import { connect, type Socket } from "node:net";

export class RawConnection {
  readonly #socket: Socket;
  #heard: (() => void)[] = [];
  received = "";
  isClosed = false;

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.on("data", (data) => this.#note(() => (this.received += data)));
    this.#socket.on("close", () => this.#note(() => (this.isClosed = true)));
    // Wakes the readers so that they see the close.
    this.#socket.on("error", () => {});
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  /** Statuses of the answers so far. */
  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.[01] (\d+)/g)].map(([, status]) => Number(status));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#heard.push(resolve));
  }

  /** Sends the text, and closes without waiting for an answer. */
  leave(): void {
    this.#socket.end();
  }

  /** Closes without sending anything. */
  destroy(): void {
    this.#socket.destroy();
  }

  #note(change: () => void): void {
    change();
    for (const heard of this.#heard.splice(0)) heard();
  }
}
