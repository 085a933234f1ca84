import { describe, expect, test } from "bun:test";
import { ClientAddresses } from "../../src/gateway/client-addresses.ts";
import { type Network, parseNetwork } from "../../src/lib/ip-address.ts";

const PROXIES = ["10.0.0.0/8", "fd00::/8"].map((text) => parseNetwork(text) as Network);

/** The client of a request from `peer` with these headers. */
function clientOf(peer: string | null, headers: Record<string, string> = {}): string {
  const server = { requestIP: () => (peer === null ? null : { address: peer }) };
  return new ClientAddresses(PROXIES).of(new Request("http://x/", { headers }), server);
}

test("is the peer in one normal form, if no proxy is trusted or in between", () => {
  expect([
    clientOf("1.2.3.4"),
    clientOf("::ffff:1.2.3.4"),
    clientOf("::1"),
    clientOf(null),
  ]).toEqual(["1.2.3.4", "1.2.3.4", "0:0:0:0:0:0:0:1", "unknown"]);
});

test("of a request stays the same after its connection has ended", () => {
  const addresses = new ClientAddresses([]);
  const request = new Request("http://x/");
  let peer: { address: string } | null = { address: "1.2.3.4" };
  const server = { requestIP: () => peer };
  expect(addresses.of(request, server)).toBe("1.2.3.4");
  peer = null;
  expect(addresses.of(request, server)).toBe("1.2.3.4");
  expect(addresses.of(new Request("http://x/"), server)).toBe("unknown");
});

test("ignores forwarding headers of untrusted peers", () => {
  const headers = { "X-Forwarded-For": "9.9.9.9", Forwarded: "for=9.9.9.9" };
  expect([clientOf("1.2.3.4", headers), clientOf("11.0.0.1", headers)]).toEqual([
    "1.2.3.4",
    "11.0.0.1",
  ]);
});

describe("behind a trusted proxy", () => {
  test.each([
    ["1.2.3.4", "1.2.3.4"],
    ["1.2.3.4:5678", "1.2.3.4"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["[2001:db8::1]:80", "2001:db8:0:0:0:0:0:1"],
    ["2001:db8::1", "2001:db8:0:0:0:0:0:1"],
    // What the client itself put there stands before what the proxy says.
    ["9.9.9.9, 1.2.3.4", "1.2.3.4"],
    ["1.2.3.4, 10.9.9.9,fd00::1", "1.2.3.4"],
    ["9.9.9.9, unknown, 10.9.9.9", "10.9.9.9"],
    ["10.1.1.1, 10.2.2.2", "10.1.1.1"],
    ["", "10.0.0.1"],
    ["1.2.3.4,", "10.0.0.1"],
    ["secret", "10.0.0.1"],
    ["[1.2.3.4]", "10.0.0.1"],
  ])("X-Forwarded-For: %s is %s", (header, client) => {
    expect(clientOf("10.0.0.1", { "X-Forwarded-For": header })).toBe(client);
    expect(clientOf("::ffff:10.0.0.1", { "X-Forwarded-For": header })).toBe(client);
  });

  test.each([
    ["for=1.2.3.4", "1.2.3.4"],
    ['For="1.2.3.4:5678";proto=https', "1.2.3.4"],
    ['proto=https; for="[2001:db8::1]:80";by=10.0.0.1', "2001:db8:0:0:0:0:0:1"],
    ["for=9.9.9.9, for=1.2.3.4, for=10.5.5.5", "1.2.3.4"],
    // A comma and a semicolon that are quoted separate nothing.
    ['for=1.2.3.4;host="a,for=9.9.9.9;b"', "1.2.3.4"],
    ["for=1.2.3.4;for=9.9.9.9", "10.0.0.1"],
    ["for=1.2.3.4, for=_hidden", "10.0.0.1"],
    ["for=1.2.3.4, for=unknown, for=10.5.5.5", "10.5.5.5"],
    ["proto=https", "10.0.0.1"],
    ['for="1.2.3.4', "10.0.0.1"],
  ])("Forwarded: %s is %s", (header, client) => {
    expect(clientOf("10.0.0.1", { Forwarded: header })).toBe(client);
  });

  test("two headers count if they agree; otherwise one of them comes from the client", () => {
    const both = (forwarded: string, listed: string) =>
      clientOf("10.0.0.1", { Forwarded: forwarded, "X-Forwarded-For": listed });
    expect([both("for=1.2.3.4", "1.2.3.4"), both("for=9.9.9.9", "1.2.3.4")]).toEqual([
      "1.2.3.4",
      "10.0.0.1",
    ]);
  });

  test("a header of a thousand hops is read from its end", () => {
    const hops = Array.from({ length: 1000 }, () => "10.3.3.3").join(",");
    expect(clientOf("10.0.0.1", { "X-Forwarded-For": `1.2.3.4,${hops}` })).toBe("10.3.3.3");
    expect(clientOf("10.0.0.1", { "X-Forwarded-For": `${hops},1.2.3.4` })).toBe("1.2.3.4");
    const long = `${"for=9.9.9.9,".repeat(400)}for=1.2.3.4`;
    expect(clientOf("10.0.0.1", { Forwarded: long })).toBe("10.0.0.1");
  });
});
