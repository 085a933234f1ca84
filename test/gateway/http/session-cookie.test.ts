import { expect, test } from "bun:test";
import { cookieToken } from "../../../src/gateway/http/session-cookie.ts";

test.each([
  ["waiver_session=a.b.c", "a.b.c"],
  ["x=1; waiver_session=a.b.c; y=2", "a.b.c"],
  ["x=1;waiver_session= a.b.c ;y=2", "a.b.c"],
  [`${"x=1; ".repeat(3000)}waiver_session=a`, "a"],
  ["", null],
  ["waiver_session=", null],
  ["waiver_session", null],
  ["my_waiver_session=a", null],
  ["x=waiver_session=a", null],
  ["waiver_session=a; waiver_session=b", null],
  ["waiver_session=a; waiver_session=a", null],
  ["waiver_session=; waiver_session=a", null],
])("the token in %j is %p", (cookie, token) => {
  expect(cookieToken(new Request("http://x/", { headers: { Cookie: cookie } }))).toBe(token);
});
