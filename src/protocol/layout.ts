/**
 * Layouts: each describes a hot message once for both encodings.
 *
 * A layout lists the members of a message in their order. For each it has an expression that gives the value from the
 * encoder's parameters, such as `"state.price"`. `encoder.ts` compiles it.
 */
import { type PushData, type PushName, pushes } from "./schemas.ts";

/** A JavaScript expression that uses the parameters of an encoder. */
type Expression = string;

export type Constant = string | number | boolean | null;

export type Layout =
  | { kind: "constant"; value: Constant }
  | { kind: "integer"; of: Expression }
  | { kind: "number"; of: Expression }
  | { kind: "boolean"; of: Expression }
  | { kind: "ascii"; of: Expression }
  | { kind: "word"; words: readonly string[]; of: Expression }
  | { kind: "name"; prefix: string; of: Expression }
  | { kind: "levels"; of: Expression; count: Expression }
  | { kind: "list"; items: readonly Layout[] }
  | { kind: "object"; members: Members }
  | { kind: "nullable"; value: Layout; when: Expression }
  | { kind: "requestId" };
export type Optional = { kind: "optional"; value: Layout; when: Expression };
export type Members = Readonly<Record<string, Layout | Optional>>;

/** A layout for each member of `T`. A member that is optional in `T` has an optional layout. */
export type MembersOf<T> = {
  readonly [M in keyof T]-?: Record<never, never> extends Pick<T, M> ? Optional : Layout;
};

export const constant = (value: Constant): Layout => ({ kind: "constant", value });
/** A whole number within 53 bits. */
export const integer = (of: Expression): Layout => ({ kind: "integer", of });
/** Any finite number. */
export const number = (of: Expression): Layout => ({ kind: "number", of });
export const boolean = (of: Expression): Layout => ({ kind: "boolean", of });
/** Text that needs no escaping. */
export const ascii = (of: Expression): Layout => ({ kind: "ascii", of });
/** One of a few words, chosen by its index. */
export const word = (words: readonly string[], of: Expression): Layout => ({
  kind: "word",
  words,
  of,
});
/** `prefix` and a number, such as `SYMBOL_1`. */
export const name = (prefix: string, of: Expression): Layout => ({ kind: "name", prefix, of });
/** `[[price, quantity]…]` of the first `count` levels of a flat `[price, quantity, price, …]`. */
export const levels = (of: Expression, count: Expression): Layout => ({
  kind: "levels",
  of,
  count,
});
export const list = (...items: readonly Layout[]): Layout => ({ kind: "list", items });
export const object = (members: Members): Layout => ({ kind: "object", members });
/** `value`, or null unless `when` holds. */
export const nullable = (when: Expression, value: Layout): Layout => ({
  kind: "nullable",
  value,
  when,
});
/** The member is there when `when` holds. */
export const optional = (when: Expression, value: Layout): Optional => ({
  kind: "optional",
  value,
  when,
});

/** `[price, quantity]`, or null when the quantity is 0. */
export const best = (price: Expression, quantity: Expression): Layout =>
  nullable(`${quantity} !== 0`, list(integer(price), integer(quantity)));

/** The message of a push. */
export const push = <P extends PushName>(kind: P, data: MembersOf<PushData<P>>): Layout =>
  object({ stream: constant(pushes[kind].stream), data: object(data) });

/** The message of a response. The encoder provides the id, and `hasId`. */
export const response = (result: Members): Layout =>
  object({ id: optional("hasId", { kind: "requestId" }), result: object(result) });
