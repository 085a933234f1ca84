/** Stands between clients and a server and can hold back what they send, as a slow network does. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Transform } from "node:stream";

export class SlowProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** What goes on when `release` is called. */
  readonly #held: (() => void)[] = [];
  readonly #watched: { bytes: number; reached: () => void }[] = [];
  #received = 0;
  #holdAt = Number.POSITIVE_INFINITY;

  private constructor(serverPort: number) {
    this.#server = createServer((client) => {
      const server = connect(serverPort, "127.0.0.1");
      for (const [socket, other] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(socket);
        // An end of either is the end of both, whatever the reason.
        socket.on("error", () => other.destroy());
        socket.on("close", () => {
          other.destroy();
          this.#sockets.delete(socket);
        });
      }
      client.pipe(this.#gate()).pipe(server).pipe(client);
    });
  }

  /** `serverPort` on this machine is where everything goes. */
  static async start(serverPort: number): Promise<SlowProxy> {
    const proxy = new SlowProxy(serverPort);
    const { promise, resolve } = Promise.withResolvers<void>();
    proxy.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Settles when clients have sent so many bytes more. */
  sent(bytes: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#watched.push({ bytes: this.#received + bytes, reached: resolve });
    return promise;
  }

  /** Passes so many bytes more on, of all clients together, and then none. */
  holdAfter(bytes: number): void {
    this.#holdAt = this.#received + bytes;
  }

  /** Passes everything on again. */
  release(): void {
    this.#holdAt = Number.POSITIVE_INFINITY;
    for (const go of this.#held.splice(0)) go();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }

  #gate(): Transform {
    return new Transform({
      transform: (chunk: Uint8Array, _encoding, done) => {
        this.#received += chunk.length;
        for (const { bytes, reached } of this.#watched) if (this.#received >= bytes) reached();
        if (this.#received > this.#holdAt) this.#held.push(() => done(null, chunk));
        else done(null, chunk);
      },
    });
  }
}
