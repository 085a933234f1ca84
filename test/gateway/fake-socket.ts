/** A connection without a network: what the server side of a WebSocket does, as far as a session uses it. */
import type { Session, Socket } from "../../src/gateway/session.ts";
import { decodeMessagePack } from "../../src/protocol/message-pack.ts";

export class FakeSocket {
  /** Every frame, decoded; `binary` tells MessagePack from JSON. */
  readonly received: { binary: boolean; message: unknown }[] = [];
  readonly topics = new Set<string>();
  closed: { code: number; reason: string } | null = null;
  /** How many frames still go out before the client, who does not read, is told no more. */
  room = Number.POSITIVE_INFINITY;

  constructor(
    readonly session: Session,
    private readonly onClose: (socket: FakeSocket) => void,
  ) {
    session.socket = this as unknown as Socket;
  }

  sendText(text: string): number {
    return this.#receive({ binary: false, message: JSON.parse(text) });
  }

  sendBinary(bytes: Uint8Array): number {
    return this.#receive({ binary: true, message: decodeMessagePack(bytes) });
  }

  #receive(frame: FakeSocket["received"][number]): number {
    if (this.room === 0 || this.closed !== null) return 0;
    this.room--;
    this.received.push(frame);
    return 1;
  }

  cork(write: () => void): void {
    write();
  }

  /** As Bun does, calls the server's close handler before it returns. */
  close(code: number, reason: string): void {
    if (this.closed !== null) return;
    this.closed = { code, reason };
    this.topics.clear();
    this.onClose(this);
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
    return 0;
  }

  /** The messages received since the last call. */
  take(): unknown[] {
    return this.received.splice(0).map(({ message }) => message);
  }
}
