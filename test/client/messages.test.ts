/** Held by the compiler: what the client's types take and give is what the schemas take and give. */
import { expect, test } from "bun:test";
import { METHOD_ENDPOINTS, type MethodName, type Params, type Result } from "@waiver/client";
import {
  methods,
  type Params as SchemaParams,
  type Result as SchemaResult,
} from "../../src/protocol/schemas.ts";

/** True where every member is; false otherwise, and then nothing below compiles. */
type Each<T> = T[keyof T] extends true ? true : false;
type Wider<Wide, Narrow> = [Narrow] extends [Wide] ? true : false;

const resultsAreRead: Each<{ [M in MethodName]: Wider<Result<M>, SchemaResult<M>> }> = true;
const paramsAreTaken: Each<{
  [M in Exclude<MethodName, "order.batch">]: Wider<Params<M>, SchemaParams<M>>;
}> = true;

test("the client has every method of the schemas, on the same endpoints", () => {
  expect(resultsAreRead && paramsAreTaken).toBe(true);
  const endpoints = Object.entries(methods).map(([name, spec]) => [name, [...spec.endpoints]]);
  expect<object>(METHOD_ENDPOINTS).toEqual(Object.fromEntries(endpoints));
});
