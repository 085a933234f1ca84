/** Describes a route of the REST API that is not a method of the WebSocket API. */
import type { TSchema } from "@sinclair/typebox";
import type { ErrorCode } from "../errors.ts";

export interface PlainRouteSpec {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  /** What a request needs: no login, a session's token or cookie, or any login. "optional": a login may be given. */
  readonly login: "none" | "session" | "any" | "optional";
  readonly body?: TSchema;
  /** Whether the body may be left out. */
  readonly isBodyOptional?: boolean;
  readonly reply: TSchema;
  /** HTTP status of the reply; 200 by default. */
  readonly status?: number;
  /** Errors beside those of every request. */
  readonly errors?: readonly ErrorCode[];
  /** Further HTTP statuses, and when they are answered. */
  readonly statuses?: Readonly<Record<number, string>>;
}
