/** Makes the core: the door through which other rooms get one. */
import { assembleCore, type Core } from "./core.ts";

export type { Core };

/** `symbolsMax`: how many symbols there can be. */
export function createCore(symbolsMax: number): Core {
  return assembleCore(symbolsMax, {}).core;
}
