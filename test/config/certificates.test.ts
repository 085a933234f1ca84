import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/config/config-error.ts";
import { makeCertificate, skipsWithoutTlsClients } from "../tls/certificates.ts";

const directory = mkdtempSync(join(tmpdir(), "waiver-certificates-"));
afterAll(() => rmSync(directory, { recursive: true }));

const PREFIX = "WAIVER_GATEWAY__TLS__";

function load(tls: Record<string, string>, more: Record<string, string> = {}) {
  const keys = Object.entries(tls).map(([key, value]) => [PREFIX + key.toUpperCase(), value]);
  return loadConfig({ env: { ...Object.fromEntries(keys), ...more } });
}

function problems(...how: Parameters<typeof load>): readonly string[] {
  try {
    load(...how);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe.skipIf(skipsWithoutTlsClients())("certificates", () => {
  const one = makeCertificate(directory, "one", { name: "one", hosts: ["One.example", "*.one"] });
  const two = makeCertificate(directory, "two", { name: "two", hosts: ["two.example"], days: 5 });

  test("are read with their keys, names and expiry times, in order", () => {
    const { certificates } = load({
      certificate: one.certificate,
      key: one.key,
      more_certificates: two.certificate,
      more_keys: two.key,
    }).gateway;
    expect(certificates).toEqual([
      {
        chain: expect.stringMatching(/^-----BEGIN CERTIFICATE-----/),
        key: expect.stringMatching(/^-----BEGIN (EC )?PRIVATE KEY-----/),
        names: ["one.example", "*.one"],
        expiresAt: expect.any(Number),
      },
      expect.objectContaining({ names: ["two.example"] }),
    ]);
    const days = certificates.map(({ expiresAt }) =>
      Math.round((expiresAt - Date.now()) / 86_400_000),
    );
    expect(days).toEqual([365, 5]);
  });

  test("that are invalid are named", () => {
    const nothing = join(directory, "nothing.pem");
    const text = join(directory, "text.pem");
    writeFileSync(text, "text");
    expect(problems({ certificate: nothing, key: one.key })).toEqual([
      expect.stringMatching(
        /^gateway\.tls\.certificate = ".*nothing\.pem": cannot be read: ENOENT/,
      ),
    ]);
    expect(problems({ certificate: text, key: one.key })).toEqual([
      `gateway.tls.certificate = ${JSON.stringify(text)}: expected a certificate in PEM`,
    ]);
    expect(problems({ certificate: one.certificate, key: text })).toEqual([
      `gateway.tls.key = ${JSON.stringify(text)}: expected a private key in PEM, not encrypted`,
    ]);
    expect(problems({ ...one, more_certificates: one.certificate, more_keys: two.key })).toEqual([
      `gateway.tls.more_keys.0 = ${JSON.stringify(two.key)}: expected the key of the certificate in ${one.certificate}`,
    ]);
  });

  test("need one key each", () => {
    const pair = "gateway.tls: expected both certificate and key, or neither for no TLS";
    expect(problems({ certificate: one.certificate })).toEqual([pair]);
    expect(problems({ key: one.key })).toEqual([pair]);
    expect(problems({ more_certificates: one.certificate, more_keys: one.key })).toEqual([pair]);
    const lists =
      "gateway.tls: expected as many more_keys as more_certificates, in the same order, after certificate and key";
    expect(problems({ ...one, more_certificates: two.certificate })).toEqual([lists]);
    expect(problems({ more_keys: two.key })).toEqual([lists]);
  });

  test("let gateway.require_tls be", () => {
    const required = { WAIVER_GATEWAY__REQUIRE_TLS: "true" };
    expect(problems({ ...one }, required)).toEqual([]);
  });
});

test("gateway.require_tls refuses plain text on every address except loopback", () => {
  const on = (host: string) => ({
    WAIVER_GATEWAY__REQUIRE_TLS: "true",
    WAIVER_GATEWAY__HOST: host,
  });
  for (const host of ["127.0.0.1", "127.9.9.9", "::1", "localhost"]) {
    expect(problems({}, on(host))).toEqual([]);
  }
  for (const host of ["0.0.0.0", "::", "127.0.0.1.example.com", "10.0.0.1"]) {
    expect(problems({}, on(host))).toEqual([
      "gateway.require_tls = true (WAIVER_GATEWAY__REQUIRE_TLS): expected gateway.tls.certificate and gateway.tls.key, " +
        `or a gateway.host that only this machine reaches; it is ${JSON.stringify(host)}`,
    ]);
  }
});

test("trusted proxies are given as addresses and networks", () => {
  const refused = (text: string) => problems({}, { WAIVER_GATEWAY__TRUSTED_PROXIES: text });
  expect(refused("10.0.0.0/8, ::1, fd00::/8")).toEqual([]);
  expect(refused("10.0.0.0/8, example.com")).toEqual([
    'gateway.trusted_proxies.1 = "example.com" (WAIVER_GATEWAY__TRUSTED_PROXIES): expected an address or a network such as 10.0.0.0/8 or fd00::/8',
  ]);
});
