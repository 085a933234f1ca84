import { expect, test } from "bun:test";
import { DEFLATED_MAX, DeflateOffers } from "../../../src/gateway/websocket/deflate-offers.ts";

const OFFER = "permessage-deflate; client_max_window_bits";

function open(isServed = true) {
  const clock = { now: 0 };
  const offers = new DeflateOffers(isServed, { monotonic: () => clock.now });
  return {
    offers,
    clock,
    /** Whether it is compressed, and what is left for Bun to answer. */
    take(address: string, offer: string | null = OFFER): [boolean, string | null] {
      const headers = new Headers(offer === null ? {} : { "Sec-WebSocket-Extensions": offer });
      const request = new Request("http://x/", { headers });
      return [offers.take(request, address), request.headers.get("sec-websocket-extensions")];
    },
  };
}

test("who offers it has it, where it is served", () => {
  const { take } = open();
  expect(take("192.0.2.1")).toEqual([true, OFFER]);
  expect(take("192.0.2.1", `x-other, ${OFFER}`)[0]).toBe(true);
  expect(take("192.0.2.1", "Permessage-Deflate")[0]).toBe(true);
  expect(take("192.0.2.1", "x-permessage-deflate-frame")[0]).toBe(false);
  expect(take("192.0.2.1", null)).toEqual([false, null]);
  expect(open(false).take("192.0.2.1")[0]).toBe(false);
});

test("an address has it on so many connections at a time, on others not", () => {
  const { offers, take } = open();
  for (let n = 0; n < DEFLATED_MAX; n++) expect(take(`2001:db8::${n}`)[0]).toBe(true);
  expect(take("2001:db8::ff")).toEqual([false, "none"]);
  expect(take("192.0.2.1")[0]).toBe(true);
  offers.leave("2001:db8::1");
  expect(take("2001:db8::ff")[0]).toBe(true);
  expect(take("2001:db8::ff")[0]).toBe(false);
});

test("an address from which came what is dear to unpack has none for ten minutes", () => {
  const { offers, clock, take } = open();
  expect(take("192.0.2.1")[0]).toBe(true);
  offers.leave("192.0.2.1");
  offers.refuse("192.0.2.1");
  clock.now = 599_999;
  expect(take("192.0.2.1")).toEqual([false, "none"]);
  expect(take("192.0.2.2")[0]).toBe(true);
  clock.now = 600_000;
  expect(take("192.0.2.1")[0]).toBe(true);
});
