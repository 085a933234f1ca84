/** A proxy in front of a server. It can hold back bytes of both directions, as a slow network does. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Transform } from "node:stream";

/** The bytes of one direction, of all connections together. */
class Flow {
  /** Called by `release` to pass on what was held back. */
  readonly #held: (() => void)[] = [];
  readonly #watched: { bytes: number; reached: () => void }[] = [];
  #passed = 0;
  #holdAt = Number.POSITIVE_INFINITY;

  /** Settles when this many more bytes have come. */
  reached(bytes: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#watched.push({ bytes: this.#passed + bytes, reached: resolve });
    return promise;
  }

  holdAfter(bytes: number): void {
    this.#holdAt = this.#passed + bytes;
  }

  release(): void {
    this.#holdAt = Number.POSITIVE_INFINITY;
    for (const go of this.#held.splice(0)) go();
  }

  gate(): Transform {
    return new Transform({
      transform: (chunk: Uint8Array, _encoding, done) => {
        this.#passed += chunk.length;
        for (const { bytes, reached } of this.#watched) if (this.#passed >= bytes) reached();
        if (this.#passed > this.#holdAt) this.#held.push(() => done(null, chunk));
        else done(null, chunk);
      },
    });
  }
}

export class SlowProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #requests = new Flow();
  readonly #answers = new Flow();

  private constructor(serverPort: number) {
    this.#server = createServer((client) => {
      const server = connect(serverPort, "127.0.0.1");
      for (const [socket, other] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(socket);
        // When one end closes, for whatever reason, the other is closed too.
        socket.on("error", () => other.destroy());
        socket.on("close", () => {
          other.destroy();
          this.#sockets.delete(socket);
        });
      }
      client.pipe(this.#requests.gate()).pipe(server).pipe(this.#answers.gate()).pipe(client);
    });
  }

  /** Everything goes to `serverPort` on this machine. */
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

  /** Settles when clients have sent this many more bytes. */
  sent(bytes: number): Promise<void> {
    return this.#requests.reached(bytes);
  }

  /** Settles when the server has sent this many more bytes. */
  answered(bytes: number): Promise<void> {
    return this.#answers.reached(bytes);
  }

  /** Passes on this many more bytes, of all clients together, and holds back the rest. */
  holdAfter(bytes: number): void {
    this.#requests.holdAfter(bytes);
  }

  /** The same for what the server sends. */
  holdAnswersAfter(bytes: number): void {
    this.#answers.holdAfter(bytes);
  }

  /** Passes everything on again. */
  release(): void {
    this.#requests.release();
    this.#answers.release();
  }

  /** Closes every connection and drops what was held back. New connections are served. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }
}
