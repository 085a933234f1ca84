/** What both published documents say alike. */
import type { Cost } from "../weight.ts";

/** Of the wire protocol, as `proto/README.md` has it. */
export const PROTOCOL_VERSION = "1.0";

/** What a request costs, for programs: which bucket pays, and how much. */
export function weightNote(cost: Cost): Record<string, unknown> {
  if (typeof cost === "string") return { bucket: cost, base: 1 };
  return { bucket: "weight", ...cost };
}
