import { expect, test } from "bun:test";
import { isOwnOrigin } from "../../../src/gateway/http/origin.ts";

const from = (origin: string, host = "x.example") =>
  new Request("http://ignored/", { headers: { Origin: origin, Host: host } });

test("a page is the exchange's own if its origin names the requested host", () => {
  const origins = [
    "http://x.example",
    "https://x.example",
    "http://x.example:80",
    "https://y.example",
  ];
  expect(origins.map((each) => isOwnOrigin(from(each), false))).toEqual([true, true, false, false]);
  expect(isOwnOrigin(from("https://x.example", "x.example:443"), false)).toBe(true);
  expect(isOwnOrigin(from("http://x.example", "x.example:80"), false)).toBe(true);
  expect(isOwnOrigin(from("https://x.example", "X.Example"), false)).toBe(true);
  expect(isOwnOrigin(from("null"), false)).toBe(false);
});

test("with TLS only an https origin counts", () => {
  expect(isOwnOrigin(from("http://x.example"), true)).toBe(false);
  expect(isOwnOrigin(from("http://x.example", "x.example:80"), true)).toBe(false);
  expect(isOwnOrigin(from("https://x.example"), true)).toBe(true);
  expect(isOwnOrigin(from("https://x.example:8443", "x.example:8443"), true)).toBe(true);
});
