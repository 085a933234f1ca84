/** Pushed data by the name of its stream, from protocol's table of pushes. */
import type { PushData, PushName, pushes } from "../protocol/schemas.ts";

type StreamOf<P extends PushName> = (typeof pushes)[P]["stream"];

export type StreamName = StreamOf<PushName>;

export type StreamData<S extends StreamName> = {
  [P in PushName]: StreamOf<P> extends S ? PushData<P> : never;
}[PushName];

export type StreamHandler<S extends StreamName> = (data: StreamData<S>) => void;
