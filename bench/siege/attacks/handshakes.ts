/** Attacks with TLS handshakes that are not finished. To a server without TLS the same bytes are invalid HTTP. */
import type { Attack } from "../attack.ts";
import type { Attacker } from "../attacker.ts";
import { connectInClear } from "../connect.ts";

const CROWD = 1000;
const LANES = 64;
const DRIP_EVERY_MS = 500;
const TLS_RECORD_HEAD_BYTES = 5;

export const handshakeAttacks: readonly Attack[] = [
  {
    name: "handshake-flood",
    section: 1,
    about:
      "64 lanes begin TLS handshakes with a ready-made message, half of them with an expensive curve, and leave when the server has answered.",
    async run(attacker) {
      const hellos = [await clientHello(), await expensiveHello()];
      attacker.begin();
      let answered = 0;
      const lane = async (hello: Uint8Array): Promise<void> => {
        while (!attacker.isOver) if (await beginHandshake(attacker, hello)) answered += 1;
      };
      await Promise.all(Array.from({ length: LANES }, (_, n) => lane(hellos[n % 2] as Uint8Array)));
      return `${answered} handshakes begun and answered, ${LANES} at a time`;
    },
  },
  {
    name: "handshake-crowd",
    section: 1,
    like: "handshake-flood",
    about: "1,000 connections begin a TLS handshake at the same moment, again and again.",
    async run(attacker) {
      const hello = await clientHello();
      const count = attacker.count(CROWD, 200);
      attacker.begin();
      let answered = 0;
      while (!attacker.isOver) {
        const all = await Promise.all(
          Array.from({ length: count }, () => SilentConnection.open(attacker)),
        );
        for (const one of all) one.write(hello);
        await Promise.race([Promise.all(all.map((one) => one.heard)), attacker.over()]);
        answered += all.filter(({ bytes }) => bytes > TLS_RECORD_HEAD_BYTES).length;
        for (const one of all) one.leave();
      }
      return `${answered} handshakes begun and answered, ${count} at once`;
    },
  },
  {
    name: "unfinished-handshakes",
    section: 5,
    like: "handshake-flood",
    about:
      "1,000 connections begin a TLS handshake; a third of them send half a message and then a byte now and then.",
    async run(attacker) {
      const hello = await clientHello();
      const half = hello.subarray(0, hello.length >> 1);
      const count = attacker.count(CROWD, 200);
      const all = await Promise.all(
        Array.from({ length: count }, () => SilentConnection.open(attacker)),
      );
      attacker.begin();
      for (const [n, one] of all.entries()) one.write(n % 3 === 0 ? half : hello);
      for (let at = half.length; !attacker.isOver && at < hello.length - 1; at++) {
        for (const [n, one] of all.entries()) {
          if (n % 3 === 0) one.write(hello.subarray(at, at + 1));
        }
        await Bun.sleep(DRIP_EVERY_MS);
      }
      await attacker.over();
      const still = all.filter(({ isOpen }) => isOpen).length;
      for (const one of all) one.leave();
      return `${count} handshakes begun; ${still} still open`;
    },
  },
];

/** A connection that sends nothing by itself. */
class SilentConnection {
  bytes = 0;
  isOpen = true;
  readonly #heard = Promise.withResolvers<void>();
  #socket: Bun.Socket | undefined;

  static async open(attacker: Attacker): Promise<SilentConnection> {
    const silent = new SilentConnection();
    try {
      silent.#socket = await connectInClear(attacker.plan.port, {
        data: (_socket, chunk) => {
          silent.bytes += chunk.length;
          silent.#heard.resolve();
        },
        close: () => silent.#onClose(),
        error: () => silent.#onClose(),
      });
    } catch {
      attacker.tally.close("no connection");
      silent.#onClose();
    }
    return silent;
  }

  /** Resolves when something was received, or when the connection is closed. */
  get heard(): Promise<void> {
    return this.#heard.promise;
  }

  write(bytes: Uint8Array): void {
    if (this.isOpen) this.#socket?.write(bytes);
  }

  leave(): void {
    this.#socket?.terminate();
    this.#onClose();
  }

  #onClose(): void {
    this.isOpen = false;
    this.#heard.resolve();
  }
}

/** Sends the message and leaves. Returns whether the server answered. */
async function beginHandshake(attacker: Attacker, hello: Uint8Array): Promise<boolean> {
  const one = await SilentConnection.open(attacker);
  one.write(hello);
  await Promise.race([one.heard, attacker.over()]);
  one.leave();
  return one.bytes > TLS_RECORD_HEAD_BYTES;
}

/** The first message of Bun's own TLS client. */
function clientHello(): Promise<Uint8Array> {
  return firstSent(async (port) => {
    const client = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      tls: true,
      socket: { data: () => undefined },
    });
    return () => void client.terminate();
  });
}

/** A first message with a key on P-384. It needs openssl; without it, this is the message of Bun's client. */
function expensiveHello(): Promise<Uint8Array> {
  const openssl = Bun.which("openssl");
  if (openssl === null) return clientHello();
  return firstSent((port) => {
    const options = ["s_client", "-connect", `127.0.0.1:${port}`, "-groups", "P-384"];
    const client = Bun.spawn([openssl, ...options], { stdio: ["ignore", "ignore", "ignore"] });
    return () => client.kill();
  });
}

/** The first bytes that a client sends. `connect` connects it to a port and returns a function that ends it. */
async function firstSent(
  connect: (port: number) => (() => void) | Promise<() => void>,
): Promise<Uint8Array> {
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  using listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (_socket, chunk) => resolve(Uint8Array.from(chunk)) },
  });
  const end = await connect(listener.port);
  try {
    return await promise;
  } finally {
    end();
  }
}
