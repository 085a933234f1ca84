/** Shared by the OpenAPI and AsyncAPI documents. */
import type { Cost } from "../weight.ts";

/** Version of the wire protocol, as in `proto/README.md`. */
export const PROTOCOL_VERSION = "1.0";

/** What a request costs, for programs: which bucket pays how much. */
export function weightNote(cost: Cost): Record<string, unknown> {
  if (typeof cost === "string") return { bucket: cost, base: 1 };
  return { bucket: "weight", ...cost };
}
