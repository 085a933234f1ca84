/** Another token issuer. Its tokens for "ann" belong to the first user. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT } from "jose";
import { IssuerTokens } from "../../../src/identity/issuer-tokens.ts";

export function openIssuer() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const directory = mkdtempSync(join(tmpdir(), "waiver-issuer-"));
  const keys = join(directory, "keys.json");
  const key = { ...publicKey.export({ format: "jwk" }), kid: "1" };
  writeFileSync(keys, JSON.stringify({ keys: [key] }));
  return {
    issuer: new IssuerTokens({
      ...{ issuer: "https://id", audience: "waiver", keys, algorithms: ["EdDSA"] },
      ...{ userClaim: "sub", users: new Map([["ann", "usr_1"]]), log: { warn: () => undefined } },
    }),
    /** A token that is valid for a minute. `now`: milliseconds since 1970. */
    issue: (id: string, now: number): Promise<string> =>
      new SignJWT({ iss: "https://id", aud: "waiver", sub: "ann", jti: id })
        .setExpirationTime(Math.ceil(now / 1000) + 60)
        .setProtectedHeader({ alg: "EdDSA", kid: "1" })
        .sign(privateKey),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}
