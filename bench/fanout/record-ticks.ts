/** Records what a subscriber gets from an exchange under load, tick by tick. */
import { messageFrame } from "../load/client-frames.ts";
import { FrameSocket } from "../load/frame-socket.ts";

const text = new TextDecoder();

/** A frame, and the symbol that it is about. */
export type RecordedFrame = readonly [symbol: string, frame: string];

export interface RecordedTick {
  /** Milliseconds since 1970. */
  time: number;
  frames: RecordedFrame[];
}

export interface TickRecorder {
  /** The whole ticks that came since the recorder was opened. */
  ticks(): RecordedTick[];
  close(): void;
}

interface PushData {
  tick: number;
  timestamp: number;
  symbol: string;
}

/** Subscribes to `channel` of every symbol, in JSON. If the connection fails, `ticks` throws the error. */
export async function recordTicks(port: number, channel: string): Promise<TickRecorder> {
  const ticks = new Map<number, RecordedTick>();
  let fault: Error | undefined;
  const socket = await FrameSocket.open({
    hostname: "127.0.0.1",
    port,
    path: "/market-data",
    encoding: "json",
    onFrame: (_opcode, bytes, start, end) => {
      const frame = text.decode(bytes.subarray(start, end));
      const { data } = JSON.parse(frame) as { data?: PushData };
      if (data === undefined) return;
      const tick = ticks.get(data.tick) ?? { time: data.timestamp, frames: [] };
      ticks.set(data.tick, tick);
      tick.frames.push([data.symbol, frame]);
    },
    onFault: (error) => {
      fault = error;
    },
  });
  const params = { channels: [channel], symbols: ["*"] };
  socket.send(messageFrame({ id: 1, method: "subscribe", params }, "json"));
  return {
    ticks() {
      if (fault !== undefined) throw fault;
      // The first tick is the snapshot of every symbol, and the last tick may be incomplete.
      return [...ticks.values()].slice(1, -1);
    },
    close: () => socket.close(),
  };
}
