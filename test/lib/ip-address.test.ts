import { describe, expect, test } from "bun:test";
import { isIP } from "node:net";
import fc from "fast-check";
import {
  ipAddressText,
  isInNetwork,
  networkOf,
  parseIpAddress,
  parseNetwork,
} from "../../src/lib/ip-address.ts";

const text = (written: string): string | null => {
  const address = parseIpAddress(written);
  return address && ipAddressText(address);
};
const isIn = (address: string, network: string): boolean => {
  const [parsed, within] = [parseIpAddress(address), parseNetwork(network)];
  if (parsed === null || within === null) throw new Error(`${address} ${network}`);
  return isInNetwork(parsed, within);
};

describe("an address", () => {
  test.each([
    ["1.2.3.4", "1.2.3.4"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["::FFFF:102:304", "1.2.3.4"],
    ["::", "0:0:0:0:0:0:0:0"],
    ["::1", "0:0:0:0:0:0:0:1"],
    ["2001:DB8::1:0", "2001:db8:0:0:0:0:1:0"],
    ["1::2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["64:ff9b::1.2.3.4", "64:ff9b:0:0:0:0:102:304"],
    ["fe80::1%eth0", "fe80:0:0:0:0:0:0:1"],
  ])("%s is %s", (written, is) => {
    expect(text(written)).toBe(is);
  });

  test.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4 ",
    "0x1.2.3.4",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2:3:4:5:6:7:8",
    "1::2::3",
    ":1:2:3:4:5:6:7",
    "12345::",
    "::1.2.3.4:5",
    "::g",
    "unknown",
  ])("%j is none", (written) => {
    expect(text(written)).toBeNull();
  });

  test("is valid exactly where Node says so", () => {
    const part = fc.constantFrom("0", "1", "ff", "ffff", "1.2.3.4", "::", ":", ".", "255", "abcd");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 18 }), (parts) => {
        const written = parts.join("");
        expect([written, parseIpAddress(written) !== null]).toEqual([written, isIP(written) !== 0]);
      }),
      { numRuns: 5000 },
    );
  });
});

test("networks", () => {
  expect([
    isIn("10.9.8.7", "10.0.0.0/8"),
    isIn("::ffff:10.9.8.7", "10.0.0.0/8"),
    isIn("10.9.8.7", "::ffff:10.0.0.0/104"),
    isIn("192.168.1.129", "192.168.1.128/25"),
    isIn("1.2.3.4", "1.2.3.4"),
    isIn("1.2.3.4", "0.0.0.0/0"),
    isIn("fd12::1", "fd00::/8"),
    isIn("::1", "::/0"),
  ]).not.toContain(false);
  expect([
    isIn("11.0.0.0", "10.0.0.0/8"),
    isIn("192.168.1.127", "192.168.1.128/25"),
    isIn("1.2.3.5", "1.2.3.4"),
    isIn("::1", "0.0.0.0/0"),
    isIn("fe00::1", "fd00::/8"),
  ]).not.toContain(true);
  for (const none of ["10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8/8", "x/8", "fe80::1%a/8"]) {
    expect(parseNetwork(none)).toBeNull();
  }
});

test("an IPv6 address counts as its /64 network", () => {
  expect(
    ["2001:db8:0:1:2::3", "2001:db8:0:1::", "::ffff:1.2.3.4", "1.2.3.4", "unknown"].map(networkOf),
  ).toEqual(["2001:db8:0/1", "2001:db8:0/1", "1.2.3.4", "1.2.3.4", "unknown"]);
});

test("who has a site of IPv6, or a household's part of one, has 16 addresses", () => {
  const counted = (networks: number, step: number): number[] => {
    const counts = new Map<string, number>();
    for (let n = 0; n < networks; n++) {
      const network = networkOf(`2001:db8:1:${(n * step).toString(16)}::1`);
      counts.set(network, (counts.get(network) ?? 0) + 1);
    }
    return [...counts.values()];
  };
  // All of a site, a household's first and a later one, and the first network of each household.
  for (const [networks, step] of [
    [65_536, 1],
    [256, 1],
    [256, 256],
    [16, 4096],
  ] as const) {
    expect(counted(networks, step)).toEqual(new Array(16).fill(networks / 16));
  }
  expect(networkOf("2001:db8:2:1::1")).not.toBe(networkOf("2001:db8:1:1::1"));
  expect(networkOf(networkOf("2001:db8:1:7::1"))).toBe(networkOf("2001:db8:1:7::1"));
});
