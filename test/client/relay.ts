/** A TCP relay before an exchange, at a port that stays while the exchange moves: it cuts lines, and loses answers. */
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

  /** Ends all lines at once, as a network does. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#isDeaf = false;
  }

  /** Lines stay, and nothing more comes by them. */
  hold(): void {
    this.#isDeaf = true;
  }

  /** The exchange does what the next request asks for, its answer is lost, and so is the line. */
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
