import { expect, test } from "bun:test";
import { isNotHttp, lengthOf } from "../../src/webhooks/answer.ts";

const HEAD = "HTTP/1.1 200 OK\r\n";

test.each([
  ["HTTP/1.1 204 No Content\r\n\r\n", 27],
  ["HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", 48],
  [`${HEAD}Content-Length: 2\r\n\r\nok`, 40],
  [`${HEAD}content-length:2 \r\nX: y\r\n\r\n`, 46],
  ["HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 38],
  // Its head is not whole.
  [`${HEAD}Content-Length: 2\r\n`, undefined],
  // What follows is not its head's to say.
  [`${HEAD}\r\n`, null],
  [`${HEAD}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, null],
  [`${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, null],
  [`${HEAD}Content-Length: 2\r\nContent-Length: 2\r\n\r\nok`, null],
  [`${HEAD}Content-Length: +2\r\n\r\nok`, null],
  ["HTTP/1.1 101 Switching Protocols\r\nContent-Length: 0\r\n\r\n", null],
  // Nothing may follow.
  ["HTTP/1.0 204 No Content\r\n\r\n", null],
  [`${HEAD}Content-Length: 0\r\nConnection: Close\r\n\r\n`, null],
])("%j has so many characters: %p", (received, length) => {
  expect(lengthOf(received)).toBe(length);
});

test("that it is none is known from what begins otherwise", () => {
  const answers = ["", "H", "HTTP/1.", "HTTP/1.1 2", "h", "SSH-2.0", "HTTP/2", "XHTTP/1.1"];
  expect(answers.map(isNotHttp)).toEqual([false, false, false, false, true, true, true, true]);
});
