/**
 * Listens on the port. A server of Bun's never changes its certificates. So for new ones a second server takes the place of
 * the first, which goes on with its open connections:
 *
 * ```
 *   first   ──listens────────────────────┬─ hands over: each HTTP answer is the connection's last ─┬─ its WebSockets ──►
 *   second                               └─listens: all that is new comes here ───────────────────────────────────►
 *                                        0                                        HANDOVER_MS, then the first does
 *                                                                                 not listen any more
 * ```
 */
import type { Certificate } from "../config/certificates.ts";
import { steerToNewer } from "../host/port-steering.ts";
import { boundReceiveBuffers } from "../host/receive-buffers.ts";
import { freePort } from "./free-port.ts";
import { listenFault } from "./listen-fault.ts";
import { tlsOptions } from "./tls-options.ts";
import type { Session } from "./websocket/session.ts";

/** Longer than Bun keeps an idle HTTP connection, which is 10 s. */
const HANDOVER_MS = 15_000;
/**
 * The receive buffer of each connection. One turn of the event loop reads what has come on all connections, up to 512 KiB of
 * each. Without a bound the system lets these buffers grow to megabytes.
 */
const RECEIVE_BUFFER_BYTES = 32 * 1024;

type BunServer = Bun.Server<Session>;
type BunOptions = Bun.Serve.Options<Session, string>;
/** Options of `Bun.serve`, without host, port and certificates. */
export type Serving = Pick<BunOptions, "routes" | "fetch" | "websocket" | "maxRequestBodySize">;

export interface ListenersOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Without any there is no TLS, as long as the exchange runs. */
  certificates: readonly Certificate[];
  /** `isLast`: each HTTP answer is the last on its connection. */
  serving(isLast: boolean): Serving;
  /** How long a server that was replaced waits for connections that are being made or idle, milliseconds. */
  handoverMs?: number;
}

export class Listeners {
  readonly port: number;
  readonly #options: ListenersOptions;
  #current: BunServer;
  /** Servers that were replaced and still serve their open connections. */
  readonly #before = new Set<BunServer>();
  /** Resolves when all handovers so far are over. */
  #handedOver: Promise<void> = Promise.resolve();
  readonly #stop = Promise.withResolvers<void>();
  #isStopped = false;

  /** Starts to listen. Throws an error for the operator when that fails. */
  constructor(options: ListenersOptions) {
    const { host, port, certificates } = options;
    this.#options = options;
    try {
      // A socket that can be handed over would share its port even with another process of the same user, so that is checked
      // first.
      const free = certificates.length === 0 ? port : freePort(host, port);
      this.#current = this.#listen(certificates, free);
    } catch (error) {
      throw listenFault(host, port, error);
    }
    this.port = this.#current.port as number;
  }

  /** As `publish` of Bun's server, for the connections of all servers. */
  publish(topic: string, frame: string | Bun.BufferSource, isCompressed?: boolean): number {
    for (const server of this.#before) server.publish(topic, frame, isCompressed);
    return this.#current.publish(topic, frame, isCompressed);
  }

  /**
   * Resolves when new connections get `certificates`. There must be at least one if there was one before. Handovers run one
   * after the other. Rejects when Bun does not accept the certificates; the old ones then stay in use.
   */
  handOver(certificates: readonly Certificate[]): Promise<void> {
    const begun = this.#handedOver.then(() => this.#begin(certificates));
    this.#handedOver = begun.then(
      (leaving) => this.#letGo(leaving),
      () => undefined,
    );
    return begun.then(() => undefined);
  }

  /** Stops all servers and ends their connections. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stop.resolve();
    await Promise.all([this.#current, ...this.#before].map((server) => server.stop(true)));
  }

  /** Starts the new server. Returns the old one, and for how many milliseconds connections to it may still be being made. */
  #begin(certificates: readonly Certificate[]): { server: BunServer; waitMs: number } | null {
    if (this.#isStopped) return null;
    const { serving, handoverMs = HANDOVER_MS } = this.#options;
    const server = this.#current;
    this.#current = this.#listen(certificates, this.port);
    this.#before.add(server);
    server.reload(serving(true) as BunOptions);
    return { server, waitMs: steerToNewer(this.port) ? handoverMs : 0 };
  }

  async #letGo(leaving: { server: BunServer; waitMs: number } | null): Promise<void> {
    if (leaving === null) return;
    const { server, waitMs } = leaving;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    await Promise.race([promise, this.#stop.promise]);
    clearTimeout(timer);
    // Its WebSockets stay open. The server ends with the last of them.
    void server.stop(false).then(() => this.#before.delete(server));
  }

  #listen(certificates: readonly Certificate[], port: number): BunServer {
    const isTls = certificates.length > 0;
    const server = Bun.serve<Session>({
      ...this.#options.serving(false),
      hostname: this.#options.host,
      port,
      // By default Bun would share the port with another process that listens on it.
      reusePort: isTls,
      // The handlers never reject. If one did, Bun in development would answer with a page that shows our source.
      development: false,
      ...(isTls && { tls: tlsOptions(certificates) }),
    } as BunOptions);
    boundReceiveBuffers(server.port as number, RECEIVE_BUFFER_BYTES);
    return server;
  }
}
