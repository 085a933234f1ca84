import { expect, test } from "bun:test";
import { pathOf, queryOf } from "../../../src/gateway/http/request-target.ts";

/** A request as Bun makes it from such a text; the constructor would refuse the worse ones. */
const asked = (url: string) => ({ url }) as Request;

test.each([
  ["http://host/a/b?c=d", "/a/b"],
  ["http://host/a?b=/c?d", "/a"],
  ["http://host/a#b?c", "/a"],
  ["http://[/a?b", "/a"],
  ["http://host:99999/", "/"],
  ["/a/b?c=http://d/e", "/a/b"],
  ["/", "/"],
  ["host:1", ""],
  ["", ""],
])("the path of %p is %p", (url, path) => {
  expect(pathOf(asked(url))).toBe(path);
});

test.each([
  ["http://host/a?b=c&d=", "b=c&d="],
  ["http://[/a?b=/c?d#e=f", "b=%2Fc%3Fd"],
  ["/a?b=%zz&c=%ff", "b=%25zz&c=%EF%BF%BD"],
  ["http://host/a#b?c", ""],
  ["http://ho?st", ""],
  ["/a", ""],
  [`/a?${"b=c&".repeat(5000)}`, "b=c&".repeat(64).slice(0, -1)],
])("the query of %p is %p", (url, query) => {
  expect(queryOf(asked(url)).toString()).toBe(query);
});
