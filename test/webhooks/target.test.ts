import { describe, expect, test } from "bun:test";
import { type Network, parseIpAddress, parseNetwork } from "../../src/lib/ip-address.ts";
import { isPrivate } from "../../src/webhooks/private-networks.ts";
import { parseTarget, resolveTarget } from "../../src/webhooks/target.ts";

const LOOPBACK = [parseNetwork("127.0.0.0/8") as Network];

test.each([
  ...["0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254"],
  ...["172.16.0.1", "172.31.255.255", "192.168.0.1", "224.0.0.1", "255.255.255.255"],
  ...["::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"],
  ...["2002:7f00:1::", "fd00::1", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1"],
  // IPv4 that a router translates, a network laid over others, routes, and what is given to nobody.
  ...["::ffff:0:7f00:1", "200::1", "5f00::1", "4000::1", "1fff::1", "100:0:0:1::1"],
])("%s is private", (text) => {
  expect(isPrivate(parseIpAddress(text) as Uint8Array)).toBe(true);
});

test.each([
  "1.1.1.1",
  "172.15.0.1",
  "172.32.0.1",
  "100.128.0.1",
  "2606:4700::1111",
  "2000::1",
  "3ffe::1",
  "::ffff:8.8.8.8",
])("%s is public", (text) => {
  expect(isPrivate(parseIpAddress(text) as Uint8Array)).toBe(false);
});

describe("a target", () => {
  const resolve = (text: string, allowed: readonly Network[] = []) =>
    resolveTarget(parseTarget(text), allowed);

  test.each([
    ["ftp://1.1.1.1/", "Must begin with https://"],
    ["file:///etc/passwd", "Must begin with https://"],
    ["https://user:secret@1.1.1.1/", "Must hold no login"],
    ["no address", "Must be an address such as https://example.com/hook"],
  ])("%s can never be one", (text, issue) => {
    expect(() => parseTarget(text)).toThrow(issue);
  });

  test.each([
    ["https://127.0.0.1/", "Its host has no public address"],
    // Other ways to write it, which the parser of URLs makes one.
    ["https://2130706433/", "Its host has no public address"],
    ["https://0x7f.1/", "Its host has no public address"],
    ["https://[::ffff:7f00:1]/", "Its host has no public address"],
    ["https://[fd00::1]/", "Its host has no public address"],
    // After its name has been looked up.
    ["https://localhost/", "Its host has no public address"],
    ["http://1.1.1.1/", "Must begin with https://"],
  ])("%s is refused", async (text, issue) => {
    await expect(resolve(text)).rejects.toThrow(new RegExp(`^${issue}$`));
  });

  test("whose name does not resolve in time is given up", async () => {
    const silent = { find: () => Promise.withResolvers<never>().promise, lookupMs: 1 };
    await expect(resolveTarget(parseTarget("https://example.com/"), [], silent)).rejects.toThrow(
      /^The servers of its host's name did not answer$/,
    );
  });

  test("may be private, and without TLS, if the configuration allows it", async () => {
    expect(await resolve("http://localhost:81/hook?a=b", LOOPBACK)).toMatchObject({
      addresses: ["127.0.0.1"],
      port: 81,
    });
    expect(await resolve("https://1.1.1.1/", LOOPBACK)).toMatchObject({ port: 443 });
  });
});
