import { expect, test } from "bun:test";
import { METHOD_ENDPOINTS, type MethodName, type Params, type Result } from "@waiver/client";
import { MESSAGES_FILE, messagesText } from "../../scripts/client-messages.ts";
import type * as protocol from "../../src/protocol/schemas.ts";

test("the client's types are those of the schemas", async () => {
  expect(await Bun.file(MESSAGES_FILE).text()).toBe(messagesText());
});

/** Held by the compiler: what one side gives the other side takes. */
type Takes<Wide, _Narrow extends Wide> = true;

test("what the schemas allow and the client's types allow is the same", () => {
  const results: { [M in MethodName]: Takes<protocol.Result<M>, Result<M>> } & {
    [M in protocol.MethodName]: Takes<Result<M>, protocol.Result<M>>;
  } = Object.fromEntries(Object.keys(METHOD_ENDPOINTS).map((method) => [method, true])) as never;
  const params: {
    [M in Exclude<MethodName, "order.batch">]: Takes<Params<M>, protocol.Params<M>>;
  } = results;
  expect(Object.values(params).every((isTaken) => isTaken)).toBe(true);
});
