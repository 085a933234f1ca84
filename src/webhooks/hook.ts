/** A webhook, and a dead letter: an event of it that was given up. */
import type { WEBHOOK_EVENTS } from "../protocol/schemas/webhooks.ts";

export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

export interface Hook {
  /** The n of `whk_<n>`. */
  readonly number: number;
  /** Number of the user who made it. */
  readonly user: number;
  /** Number of the account whose events it gets. */
  readonly account: number;
  /** The key that it was made with; it ends when that is revoked. Null: made without a key, it does not end by itself. */
  readonly apiKey: string | null;
  readonly url: string;
  readonly secret: string;
  readonly events: readonly WebhookEvent[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** `seq` of the last event that is finished: delivered, given up, or of a kind that it does not want. */
  cursor: number;
  /** How many dead letters of it are kept. */
  dead: number;
}

export interface DeadLetter {
  /** Number of the event in the account's stream. */
  seq: number;
  /** When it was given up, milliseconds since 1970. */
  failed_at: number;
  error: string;
}

/** Who may see and change webhooks: a user, for the accounts that his login may use. */
export interface HookOwner {
  readonly user: number;
  readonly accounts: readonly number[];
}

/** Whether a webhook is the owner's; without an owner every one is. */
export function isOf({ user, account }: Hook, owner: HookOwner | undefined): boolean {
  return owner === undefined || (owner.user === user && owner.accounts.includes(account));
}

export function hookName(number: number): string {
  return `whk_${number}`;
}

/** The n of `whk_<n>`; 0 when `name` is not of that form. */
export function hookNumber(name: string): number {
  return /^whk_[1-9]\d{0,14}$/.test(name) ? Number(name.slice("whk_".length)) : 0;
}
