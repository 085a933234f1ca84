/** The core together with its memory, for tests of the core itself. */
import { assembleCore, type Core } from "../../src/core/core.ts";
import type { EventBuffer } from "../../src/core/event-buffer.ts";
import type { CoreLimits, CoreParts } from "../../src/core/parts.ts";

export interface TestCore extends Core, Omit<CoreParts, "events"> {
  /** The memory that `events` reads. */
  readonly eventBuffer: EventBuffer;
}

/** `symbolsMax`: how many symbols there can be. */
export function createTestCore(symbolsMax: number, limits: CoreLimits = {}): TestCore {
  const { core, parts } = assembleCore(symbolsMax, limits);
  return { ...parts, ...core, eventBuffer: parts.events };
}
