/**
 * What listens on the port. Bun never takes up new certificates, so with new ones a second server of Bun's takes the
 * place of the first, which goes on with the connections that it has:
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

/** More than Bun keeps an HTTP connection on which nothing happens: 10 s. */
const HANDOVER_MS = 15_000;
/**
 * Of each connection that is not read yet. One turn of the event loop reads what has come on all of them, up to 512 KiB of
 * each; without a bound the system lets the buffers grow to megabytes.
 */
const RECEIVE_BUFFER_BYTES = 32 * 1024;

type BunServer = Bun.Server<Session>;
type BunOptions = Bun.Serve.Options<Session, string>;
/** What Bun is told but for where it listens. */
export type Serving = Pick<BunOptions, "routes" | "fetch" | "websocket" | "maxRequestBodySize">;

export interface ListenersOptions {
  host: string;
  /** 0 = any free one. */
  port: number;
  /** None: no TLS, for as long as it listens. */
  certificates: readonly Certificate[];
  /** `isLast`: each HTTP answer is the last on its connection. */
  serving(isLast: boolean): Serving;
  /** Milliseconds that one who leaves waits for connections that are being made or idle. */
  handoverMs?: number;
}

export class Listeners {
  readonly port: number;
  readonly #options: ListenersOptions;
  #current: BunServer;
  /** Servers that take no new connections and serve those that they have. */
  readonly #before = new Set<BunServer>();
  /** The handovers asked for are over. */
  #handedOver: Promise<void> = Promise.resolve();
  readonly #stop = Promise.withResolvers<void>();
  #isStopped = false;

  /** Listens. Throws what an operator understands. */
  constructor(options: ListenersOptions) {
    const { host, port, certificates } = options;
    this.#options = options;
    try {
      // Sockets that can be handed over would share the port with another process of the same user, too.
      const free = certificates.length === 0 ? port : freePort(host, port);
      this.#current = this.#listen(certificates, free);
    } catch (error) {
      throw listenFault(host, port, error);
    }
    this.port = this.#current.port as number;
  }

  /** `publish` of Bun's server, for the connections of all. */
  publish(topic: string, frame: string | Bun.BufferSource, isCompressed?: boolean): number {
    for (const server of this.#before) server.publish(topic, frame, isCompressed);
    return this.#current.publish(topic, frame, isCompressed);
  }

  /**
   * When this resolves, new connections get these certificates, of which there has to be one if there was one before.
   * What was asked for meanwhile waits for its turn. Rejects when Bun does not take them; then all is as it was.
   */
  handOver(certificates: readonly Certificate[]): Promise<void> {
    const begun = this.#handedOver.then(() => this.#begin(certificates));
    this.#handedOver = begun.then(
      (leaving) => this.#letGo(leaving),
      () => undefined,
    );
    return begun.then(() => undefined);
  }

  /** Ends all of them, and their connections. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stop.resolve();
    await Promise.all([this.#current, ...this.#before].map((server) => server.stop(true)));
  }

  /** The server that leaves, and for how long it still has connections that are being made. */
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
    // Its WebSockets stay; it ends with the last of them.
    void server.stop(false).then(() => this.#before.delete(server));
  }

  #listen(certificates: readonly Certificate[], port: number): BunServer {
    const isTls = certificates.length > 0;
    const server = Bun.serve<Session>({
      ...this.#options.serving(false),
      hostname: this.#options.host,
      port,
      // Outside of development Bun would share a port that another process listens on.
      reusePort: isTls,
      // Nothing rejects there; if it did, Bun would show its page with our source otherwise.
      development: false,
      ...(isTls && { tls: tlsOptions(certificates) }),
    } as BunOptions);
    boundReceiveBuffers(server.port as number, RECEIVE_BUFFER_BYTES);
    return server;
  }
}
