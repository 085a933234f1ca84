/** Makes the keys, names and addresses that are tried. */
import type { Subjects } from "./tries.ts";

export const EXISTENCE = ["where it exists", "where not"] as const;
export const DISABLED = ["of no user", "of a disabled one"] as const;

export type Proof = "secret" | "signature";
export const PROOFS: readonly Proof[] = ["secret", "signature"];

export const hex = (bytes: number): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
export const unknownKey = (): string => `ak_${hex(12)}`;
export const unknownName = (): string => `u${hex(8)}`;

/** Splits `known` into two halves, and makes as many others as there are in one half. */
export function subjectsOf(known: readonly string[], make: () => string): Subjects {
  const half = known.length / 2;
  return {
    some: known.slice(0, half),
    same: known.slice(half),
    others: Array.from({ length: half }, make),
  };
}

export function wrongLogin(key: string, proof: Proof) {
  // A new string each time, as if it came from a client.
  const api_key = `ak_${key.slice(3)}`;
  if (proof === "secret") return { api_key, api_secret: `sk_${hex(32)}` };
  return { api_key, timestamp: Date.now(), signature: hex(32) };
}

let addresses = 0;
/** An address in a network that has not been used before. */
export function nextAddress(): string {
  addresses++;
  return `10.${addresses >> 16}.${(addresses >> 8) & 255}.${addresses & 255}`;
}

/** Microseconds since `start`, a value of `Bun.nanoseconds`. */
export const since = (start: number): number => (Bun.nanoseconds() - start) / 1000;
