/** A connection without a network. It acts like the server side of a WebSocket, as far as the gateway uses it. */
import type { Session, Socket } from "../../../src/gateway/websocket/session.ts";
import { decodeMessagePack } from "../../../src/protocol/message-pack.ts";

export class FakeSocket {
  /** Every frame, decoded; `binary` tells MessagePack from JSON. */
  readonly received: { binary: boolean; message: unknown }[] = [];
  /** Every frame as it came. */
  readonly frames: (string | Uint8Array)[] = [];
  readonly topics = new Set<string>();
  closed: { code: number; reason: string } | null = null;
  /** How many more frames go out. After that, frames are dropped, as if the client did not read. */
  room = Number.POSITIVE_INFINITY;
  /** Bytes that the client has not read yet. */
  unread = 0;
  /** How often the server sent a ping. */
  pings = 0;
  /** How often frames were sent as one group. */
  corks = 0;

  constructor(
    readonly data: Session,
    private readonly onClose: (socket: Socket, code: number, reason: string) => void,
  ) {}

  get session(): Session {
    return this.data;
  }

  /** This object as the type that the gateway expects. */
  get socket(): Socket {
    return this as unknown as Socket;
  }

  sendText(text: string): number {
    return this.#receive({ binary: false, message: JSON.parse(text) }, text);
  }

  sendBinary(bytes: Uint8Array): number {
    return this.#receive({ binary: true, message: decodeMessagePack(bytes) }, bytes.slice());
  }

  #receive(frame: FakeSocket["received"][number], raw: string | Uint8Array): number {
    if (this.room === 0 || this.closed !== null) return 0;
    this.room--;
    this.received.push(frame);
    this.frames.push(raw);
    return 1;
  }

  cork(write: () => void): void {
    this.corks++;
    write();
  }

  /** Like Bun's, it calls the server's close handler before it returns. */
  close(code: number, reason: string): void {
    if (this.closed !== null) return;
    this.closed = { code, reason };
    this.topics.clear();
    this.onClose(this.socket, code, reason);
  }

  /** Ends without a close frame. */
  terminate(): void {
    this.close(1006, "");
  }

  ping(): number {
    this.pings++;
    return 1;
  }

  subscribe(topic: string): boolean {
    if (this.closed !== null) return false;
    this.topics.add(topic);
    return true;
  }

  unsubscribe(topic: string): boolean {
    return this.topics.delete(topic);
  }

  getBufferedAmount(): number {
    return this.unread;
  }

  /** The messages received since the last call. */
  take(): unknown[] {
    this.frames.length = 0;
    return this.received.splice(0).map(({ message }) => message);
  }
}
