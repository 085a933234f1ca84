/** A route of the REST API that is no method of the WebSockets, as published. */
import type { TSchema } from "@sinclair/typebox";
import type { ErrorCode } from "../errors.ts";

export interface PlainRouteSpec {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  /** What it needs: nothing, the token or cookie of a session, or any login; "optional": who has none is served too. */
  readonly login: "none" | "session" | "any" | "optional";
  readonly body?: TSchema;
  /** A request without one is served too. */
  readonly isBodyOptional?: boolean;
  readonly reply: TSchema;
  /** Of the reply; 200 unless it says otherwise. */
  readonly status?: number;
  /** Errors beside those of every request. */
  readonly errors?: readonly ErrorCode[];
  /** Statuses of its own, and when they come. */
  readonly statuses?: Readonly<Record<number, string>>;
}
