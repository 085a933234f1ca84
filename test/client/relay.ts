/**
 * A TCP relay in front of an exchange. Its port stays when the exchange moves. It can cut connections and
 * lose answers.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Relay implements Disposable {
  /** The exchange's port. */
  target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isDeaf = false;
  #onLost: () => void = () => undefined;

  private constructor(target: number) {
    this.target = target;
    this.#server = createServer((client) => this.#relay(client));
  }

  static async open(target: number): Promise<Relay> {
    const relay = new Relay(target);
    const { promise, resolve } = Promise.withResolvers<void>();
    relay.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return relay;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends all connections at once, as a network does. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#isDeaf = false;
  }

  /** Connections stay open, but nothing more comes through them. */
  hold(): void {
    this.#isDeaf = true;
  }

  /** The exchange executes the next request. Its answer is lost, and so is the connection. */
  loseNextAnswer(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#isDeaf = true;
    this.#onLost = resolve;
    return promise.then(() => this.cut());
  }

  [Symbol.dispose](): void {
    this.cut();
    this.#server.close();
  }

  #relay(client: Socket): void {
    const server = connect(this.target, "127.0.0.1");
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on("data", (bytes) => server.write(bytes));
    server.on("data", (bytes) => {
      if (this.#isDeaf) this.#onLost();
      else client.write(bytes);
    });
  }
}
