/** A webhook, and an event that was given up. */
import type { WEBHOOK_EVENTS } from "../protocol/schemas/webhooks.ts";

export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

export interface Hook {
  /** Of `whk_<n>`. */
  readonly number: number;
  /** Number of the user whose it is, and of his account whose events it gets. */
  readonly user: number;
  readonly account: number;
  /** It ends when this key is revoked; null: never by itself. */
  readonly apiKey: string | null;
  readonly url: string;
  readonly secret: string;
  readonly events: readonly WebhookEvent[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** `seq` of the last event that is done with: delivered, dead, or none that it wants. */
  cursor: number;
  /** How many dead letters are kept of it. */
  dead: number;
}

export interface DeadLetter {
  /** Of the account's stream. */
  seq: number;
  /** Milliseconds since 1970, of the last attempt. */
  failed_at: number;
  error: string;
}

export function hookName(number: number): string {
  return `whk_${number}`;
}

/** 0: not the name of a webhook. */
export function hookNumber(name: string): number {
  return /^whk_[1-9]\d{0,14}$/.test(name) ? Number(name.slice("whk_".length)) : 0;
}
