import { expect, test } from "bun:test";
import { Reject } from "../../src/core/reject.ts";
import {
  ERROR_CODES,
  ERRORS,
  ErrorCode,
  errorBody,
  httpStatus,
} from "../../src/protocol/errors.ts";

test("names and codes are one to one", () => {
  expect(ERROR_CODES.map((code) => ErrorCode[ERRORS[code].name])).toEqual(ERROR_CODES);
});

test("every reject of the core has the same name and code here", () => {
  expect(ErrorCode).toMatchObject(Reject);
});

test("the HTTP status follows the code, except where HTTP requires another", () => {
  const others = ERROR_CODES.filter((code) => httpStatus(code) !== Math.floor(code / 100));
  expect(others.map((code) => [code, httpStatus(code)])).toEqual([
    [40002, 404],
    [40003, 404],
    [40004, 404],
    [41001, 409],
    [50700, 503],
  ]);
  expect(httpStatus(12345)).toBe(500);
});

test("a body has the message of the table unless another one is given", () => {
  expect(errorBody(ErrorCode.UNKNOWN_SYMBOL)).toEqual({ code: 40003, message: "Unknown symbol" });
  expect(errorBody(42901, { retry_after_ms: 12 }, "Slow down")).toEqual({
    code: 42901,
    message: "Slow down",
    details: { retry_after_ms: 12 },
  });
  expect(() => errorBody(40099)).toThrow("no error has the code 40099");
});
