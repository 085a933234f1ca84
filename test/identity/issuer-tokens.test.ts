/** Tokens of an issuer, with a key set in a file and at an address. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JWTPayload, SignJWT } from "jose";
import { type IssuerOptions, IssuerTokens } from "../../src/identity/issuer-tokens.ts";

const NOW = 1_800_000_000_000;
const SECONDS = NOW / 1000;
const CLAIMS = { iss: "https://id", aud: "waiver", sub: "ann", exp: SECONDS + 60 };

interface Signer {
  kid: string;
  alg: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

function signer(kid: string, alg = "EdDSA"): Signer {
  const pair =
    alg === "EdDSA"
      ? generateKeyPairSync("ed25519")
      : alg === "ES256"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { kid, alg, ...pair };
}

const keySet = (...signers: Signer[]) => ({
  keys: signers.map(({ kid, alg, publicKey }) => ({
    ...publicKey.export({ format: "jwk" }),
    kid,
    alg,
  })),
});

function issue({ kid, alg, privateKey }: Signer, claims: JWTPayload = {}): Promise<string> {
  return new SignJWT({ ...CLAIMS, ...claims }).setProtectedHeader({ alg, kid }).sign(privateKey);
}

let directory: string;
let path: string;
let warnings: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "waiver-issuer-"));
  path = join(directory, "keys.json");
  warnings = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

function open(options: Partial<IssuerOptions> = {}): IssuerTokens {
  return new IssuerTokens({
    issuer: "https://id",
    audience: "waiver",
    keys: path,
    algorithms: ["EdDSA"],
    userClaim: "sub",
    users: new Map([["ann", "usr_7"]]),
    log: { warn: (_fields, message) => void warnings.push(message) },
    ...options,
  });
}

/** `start`, and then spaces until nobody reads any more. */
function endless(start: string): ReadableStream<Uint8Array> {
  const spaces = new Uint8Array(64 * 1024).fill(32);
  return new ReadableStream({
    start: (to) => to.enqueue(new TextEncoder().encode(start)),
    pull: (to) => to.enqueue(spaces),
  });
}

function compressed(text: string): Response {
  return new Response(Bun.gzipSync(text), { headers: { "Content-Encoding": "gzip" } });
}

/** What an issuer does that was asked for its keys. */
type Manner = (socket: Socket, keys: string) => void;

const head = (length: number): string => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;

const answers: Manner = (socket, keys) => void socket.end(head(keys.length) + keys);

/** Those that are no end of what was asked. */
const ENDLESS_MANNERS: [what: string, manner: Manner][] = [
  ["says nothing", () => undefined],
  ["says that keys follow", (socket, keys) => void socket.write(head(keys.length))],
  ["stops before the last byte", (socket, keys) => void socket.write(head(keys.length + 1) + keys)],
  [
    "sends a byte now and then",
    (socket, keys) => {
      socket.write(head(keys.length + 1_000_000) + keys);
      const timer = setInterval(() => socket.write(" "), 5);
      socket.once("close", () => clearInterval(timer));
    },
  ],
];

/** An issuer by hand. Its manner may change; `asked` settles at the next question, and `gone` when its asker has left. */
class Issuer implements Disposable {
  manner = answers;
  asked = Promise.withResolvers<void>();
  gone = Promise.withResolvers<void>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(readonly keys: string) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.gone.resolve());
      socket.once("data", () => {
        this.asked.resolve();
        this.manner(socket, this.keys);
      });
    });
  }

  static async start(signed: object): Promise<Issuer> {
    const issuer = new Issuer(JSON.stringify(signed));
    await new Promise<void>((resolve) => issuer.#server.listen(0, "127.0.0.1", resolve));
    return issuer;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/keys`;
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

describe("of a file", () => {
  const one = signer("one");

  test("a right token is its user's until its end", async () => {
    writeFileSync(path, JSON.stringify(keySet(one)));
    const issuer = open();
    const token = await issue(one);
    expect([issuer.issued(token), issuer.issued("x"), issuer.issued("a.b.c")]).toEqual([
      true,
      false,
      false,
    ]);
    const good = { userNumber: 7, expiresAt: NOW + 65_000 };
    expect(await issuer.read(token, NOW)).toEqual(good);
    expect(await issuer.read(token, NOW + 64_999)).toEqual(good);
    expect(await issuer.read(token, NOW + 65_000)).toBe("over");
    expect(await issuer.read(token, NOW + 65_000)).toBe("over");
    expect(await open().read(token, NOW + 65_000)).toBe("over");
  });

  test("a token is spelled one way only", async () => {
    writeFileSync(path, JSON.stringify(keySet(one)));
    const issuer = open();
    const token = await issue(one);
    const loose = token.slice(0, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 1);
    const spellings = [token, `${token} `, `${token}==`, token.replace(".", " ."), loose];
    expect(spellings.map((each) => issuer.issued(each))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test("claims that are not as configured are wrong", async () => {
    writeFileSync(path, JSON.stringify(keySet(one)));
    const issuer = open();
    for (const claims of [
      { iss: "https://other" },
      { iss: undefined },
      { aud: "another" },
      { aud: undefined },
      { aud: ["another", "third"] },
      { exp: undefined },
      { exp: "soon" as unknown as number },
      { nbf: SECONDS + 6 },
      { sub: "bob" },
      { sub: undefined },
      { sub: 7 as unknown as string },
      { sub: "usr_7" },
    ] as JWTPayload[]) {
      expect(await issuer.read(await issue(one, claims), NOW)).toBe("wrong");
    }
    const taken = [{ aud: ["another", "waiver"] }, { nbf: SECONDS + 5 }];
    for (const claims of [...taken, { exp: SECONDS + 60.0004 }, { exp: 2 ** 60 }]) {
      const read = await issuer.read(await issue(one, claims), NOW);
      const { userNumber, expiresAt } = read as { userNumber: number; expiresAt: number };
      expect([userNumber, Number.isSafeInteger(expiresAt)]).toEqual([7, true]);
    }
    expect(warnings).toEqual([]);
  });

  test("without a table of users the claim is the user's id", async () => {
    writeFileSync(path, JSON.stringify(keySet(one)));
    const issuer = open({ users: new Map(), userClaim: "waiver_user" });
    const verdict = async (waiver_user: unknown) =>
      issuer.read(await issue(one, { waiver_user }), NOW);
    expect(await verdict("usr_3")).toMatchObject({ userNumber: 3 });
    for (const wrong of ["usr_0", "3", 3, undefined, ["usr_3"]]) {
      expect(await verdict(wrong)).toBe("wrong");
    }
  });

  test("only the configured algorithms count, whatever a token says", async () => {
    const [rsa, ec] = [signer("rsa", "RS256"), signer("ec", "ES256")];
    writeFileSync(path, JSON.stringify(keySet(one, rsa, ec)));
    const verdicts = async (algorithms: string[]) => {
      const issuer = open({ algorithms });
      const tokens = await Promise.all([one, rsa, ec].map((each) => issue(each)));
      const read = await Promise.all(tokens.map((token) => issuer.read(token, NOW)));
      return read.map((verdict) => typeof verdict === "object");
    };
    expect(await verdicts(["EdDSA"])).toEqual([true, false, false]);
    expect(await verdicts(["RS256", "ES256"])).toEqual([false, true, true]);

    const issuer = open({ algorithms: ["RS256"] });
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const body = encode(CLAIMS);
    // The public key is no secret: who signs with it as one proves nothing.
    const pem = rsa.publicKey.export({ type: "spki", format: "pem" });
    const head = encode({ alg: "HS256", kid: "rsa" });
    const hmac = createHmac("sha256", pem).update(`${head}.${body}`).digest("base64url");
    const none = encode({ alg: "none", kid: "rsa" });
    const [rightHead, , signature] = (await issue(rsa)).split(".");
    for (const token of [
      `${head}.${body}.${hmac}`,
      `${none}.${body}.`,
      `${none}.${body}.${signature}`,
      `${rightHead}.${encode({ ...CLAIMS, sub: "bob" })}.${signature}`,
      `${rightHead}.${body}.`,
    ]) {
      expect(await issuer.read(token, NOW)).toBe("wrong");
    }
    expect(await open({ algorithms: ["RS256"] }).read(await issue(rsa), NOW)).toMatchObject({
      userNumber: 7,
    });
  });

  test("a shared secret in the key set is no key", async () => {
    const secret = Buffer.alloc(32, 1);
    const keys = [{ kty: "oct", k: secret.toString("base64url"), kid: "s", alg: "HS256" }];
    writeFileSync(path, JSON.stringify({ keys }));
    const token = await new SignJWT(CLAIMS)
      .setProtectedHeader({ alg: "HS256", kid: "s" })
      .sign(secret);
    expect(await open().read(token, NOW)).toBe("wrong");
  });

  test("a changed file is read again, one that cannot be read is not", async () => {
    const two = signer("two");
    writeFileSync(path, JSON.stringify(keySet(one)));
    const issuer = open();
    const token = await issue(two);
    expect(await issuer.read(token, NOW)).toBe("wrong");
    writeFileSync(path, "{");
    utimesSync(path, 1, 1);
    expect(await issuer.read(token, NOW + 1000)).toBe("wrong");
    expect(await issuer.read(await issue(one), NOW + 1000)).toMatchObject({ userNumber: 7 });
    writeFileSync(path, JSON.stringify(keySet(one, two)));
    utimesSync(path, 2, 2);
    // It is looked at once a second.
    expect(await issuer.read(token, NOW + 1999)).toBe("wrong");
    expect(await issuer.read(token, NOW + 2000)).toMatchObject({ userNumber: 7 });
  });

  test("a key that was withdrawn is of no use any more, nor are tokens that were read", async () => {
    const two = signer("two");
    writeFileSync(path, JSON.stringify(keySet(one, two)));
    // As a tool that puts files in place does, which gives each of them the same time.
    utimesSync(path, 1, 1);
    const issuer = open();
    const [token, other] = [await issue(one), await issue(two)];
    expect(await issuer.read(token, NOW)).toMatchObject({ userNumber: 7 });
    expect(await issuer.read(other, NOW)).toMatchObject({ userNumber: 7 });
    writeFileSync(path, JSON.stringify(keySet(two)));
    utimesSync(path, 1, 1);
    expect(await issuer.read(token, NOW + 1000)).toBe("wrong");
    expect(await issuer.read(other, NOW + 1000)).toMatchObject({ userNumber: 7 });
  });

  test("a file that is no key set stops the start", () => {
    expect(() => open()).toThrow(`gateway.auth.jwt_keys: ${path} is no JSON Web Key Set`);
    writeFileSync(path, "{}");
    expect(() => open()).toThrow(`gateway.auth.jwt_keys: ${path} is no JSON Web Key Set`);
  });
});

describe("of an address", () => {
  test("keys are asked for once, and again for one that is new", async () => {
    const [one, two] = [signer("one"), signer("two")];
    let asked = 0;
    const signers = [one];
    using server = Bun.serve({
      port: 0,
      fetch: () => {
        asked++;
        return Response.json(keySet(...signers));
      },
    });
    const issuer = open({ keys: `http://127.0.0.1:${server.port}/keys` });
    for (const claims of [{}, { jti: "1" }, { jti: "2" }]) {
      expect(await issuer.read(await issue(one, claims), NOW)).toMatchObject({ userNumber: 7 });
    }
    expect(asked).toBe(1);
    signers.push(two);
    // Not twice within half a minute: a stranger cannot have us ask for every kid that he thinks up.
    for (let i = 0; i < 5; i++) {
      expect(await issuer.read(await issue(two), NOW)).toBe("wrong");
    }
    expect(asked).toBe(1);
    const fresh = open({ keys: `http://127.0.0.1:${server.port}/keys` });
    expect(await fresh.read(await issue(two), NOW)).toMatchObject({ userNumber: 7 });
  });

  test("one that does not answer is no fault of the token, and told once", async () => {
    const one = signer("one");
    let isUp = false;
    using server = Bun.serve({
      port: 0,
      fetch: () => (isUp ? Response.json(keySet(one)) : new Response("not now", { status: 500 })),
    });
    const issuer = open({ keys: `http://127.0.0.1:${server.port}/keys` });
    const token = await issue(one);
    expect(await issuer.read(token, NOW)).toBe("unavailable");
    expect(await issuer.read(token, NOW)).toBe("unavailable");
    expect(warnings).toEqual([
      "the keys of the tokens' issuer cannot be read: its tokens log nobody in",
    ]);
    isUp = true;
    expect(await issuer.read(token, NOW + 999)).toBe("unavailable");
    expect(await issuer.read(token, NOW + 1000)).toMatchObject({ userNumber: 7 });
  });

  test.each<[what: string, answer: (keys: string) => Response]>([
    ["leads elsewhere", (keys) => Response.redirect(`/other?${keys.length}`)],
    ["is no JSON", () => new Response("<html>")],
    ["is no key set", () => Response.json({ keys: "none" })],
    ["is cut off", (keys) => new Response(keys.slice(0, -9))],
    ["has a kind of success that has no body", () => new Response(null, { status: 204 })],
    ["has no end", (keys) => new Response(endless(keys))],
    [
      "is a little that becomes very much",
      (keys) => compressed(keys + " ".repeat(64 * 1024 * 1024)),
    ],
  ])("one whose answer %s logs nobody in, and is asked again", async (_what, answer) => {
    const one = signer("one");
    let isRight = false;
    let elsewhere = 0;
    using server = Bun.serve({
      port: 0,
      fetch(request) {
        if (request.url.includes("/other")) elsewhere++;
        const keys = JSON.stringify(keySet(one));
        return isRight ? new Response(keys) : answer(keys);
      },
    });
    const issuer = open({ keys: `http://127.0.0.1:${server.port}/keys` });
    const token = await issue(one);
    expect(await issuer.read(token, NOW)).toBe("unavailable");
    expect(elsewhere).toBe(0);
    isRight = true;
    expect(await issuer.read(token, NOW + 1000)).toMatchObject({ userNumber: 7 });
  });

  test("one that has answered with keys and then answers with too much keeps its last ones", async () => {
    const one = signer("one");
    let isRight = true;
    const keys = JSON.stringify(keySet(one));
    using server = Bun.serve({
      port: 0,
      fetch: () => new Response(isRight ? keys : endless(keys)),
    });
    const issuer = open({ keys: `http://127.0.0.1:${server.port}/keys` });
    const exp = SECONDS + 86_400;
    expect(await issuer.read(await issue(one, { exp }), NOW)).toMatchObject({ userNumber: 7 });
    isRight = false;
    const later = await issue(one, { exp, jti: "later" });
    expect(await issuer.read(later, NOW + 600_000)).toMatchObject({ userNumber: 7 });
  });

  test("logins of tokens wait for a slow one together, and it is asked once", async () => {
    const one = signer("one");
    let asked = 0;
    const release = Promise.withResolvers<void>();
    const heard = Promise.withResolvers<void>();
    using server = Bun.serve({
      port: 0,
      async fetch() {
        asked++;
        heard.resolve();
        await release.promise;
        return Response.json(keySet(one));
      },
    });
    const issuer = open({ keys: `http://127.0.0.1:${server.port}/keys` });
    const tokens = await Promise.all(["1", "2", "3"].map((jti) => issue(one, { jti })));
    const read = tokens.map((token) => issuer.read(token, NOW));
    await heard.promise;
    const late = issuer.read(await issue(one, { jti: "4" }), NOW + 5000);
    release.resolve();
    for (const verdict of await Promise.all([...read, late])) {
      expect(verdict).toMatchObject({ userNumber: 7 });
    }
    expect(asked).toBe(1);
  });

  test("its last keys count on while it is down, and a withdrawn one ends within ten minutes", async () => {
    const [one, two] = [signer("one"), signer("two")];
    const stranger = signer("stranger");
    let asked = 0;
    let isUp = true;
    let signers = [one, two];
    using server = Bun.serve({
      port: 0,
      fetch: () => {
        asked++;
        return isUp ? Response.json(keySet(...signers)) : new Response("", { status: 500 });
      },
    });
    const issuer = open({ keys: `http://127.0.0.1:${server.port}/keys` });
    const exp = SECONDS + 86_400;
    const token = await issue(one, { exp });
    const good = { userNumber: 7 };
    expect(await issuer.read(token, NOW)).toMatchObject(good);
    isUp = false;
    const later = NOW + 600_000;
    expect(await issuer.read(token, later)).toMatchObject(good);
    expect(asked).toBe(2);
    for (const jti of ["1", "2"]) {
      expect(await issuer.read(await issue(one, { exp, jti }), later)).toMatchObject(good);
      expect(await issuer.read(await issue(stranger, { exp, jti }), later)).toBe("wrong");
    }
    expect(asked).toBe(2);
    isUp = true;
    signers = [two];
    expect(await issuer.read(token, later + 600_000)).toBe("wrong");
    expect(await issuer.read(await issue(two, { exp }), later + 600_000)).toMatchObject(good);
    expect(asked).toBe(3);
  });

  test.each(ENDLESS_MANNERS)(
    "one that %s is left in time, and asked again",
    async (_what, manner) => {
      const one = signer("one");
      using server = await Issuer.start(keySet(one));
      server.manner = manner;
      const issuer = open({ keys: server.address, keysTimeoutMs: 100 });
      const token = await issue(one, { exp: SECONDS + 86_400 });
      expect(await issuer.read(token, NOW)).toBe("unavailable");
      await server.gone.promise;
      server.manner = answers;
      // A busy machine may be late for the right answer, too.
      let verdict = await issuer.read(token, NOW + 1000);
      for (let at = NOW + 2000; verdict === "unavailable"; at += 1000) {
        verdict = await issuer.read(token, at);
      }
      expect(verdict).toMatchObject({ userNumber: 7 });
    },
  );

  test.each(ENDLESS_MANNERS)(
    "while one that %s is asked, one token waits, and no other",
    async (_what, manner) => {
      const [one, two] = [signer("one"), signer("two")];
      using server = await Issuer.start(keySet(one));
      const issuer = open({ keys: server.address, keysTimeoutMs: 120_000 });
      const exp = SECONDS + 86_400;
      const [known, first] = (await Promise.all(
        ["known", "first"].map((jti) => issue(one, { exp, jti })),
      )) as [string, string];
      const [unknown, late] = (await Promise.all(
        ["1", "2"].map((jti) => issue(two, { exp, jti })),
      )) as [string, string];
      const good = { userNumber: 7 };
      expect(await issuer.read(known, NOW)).toMatchObject(good);

      // Somebody's token of a key that nobody knows: he waits. It has been asked lately, so nobody else has to.
      server.manner = manner;
      server.asked = Promise.withResolvers();
      const waiting = issuer.read(unknown, NOW + 30_000);
      await server.asked.promise;
      for (const token of [known, first]) {
        expect(await issuer.read(token, NOW + 30_000)).toMatchObject(good);
      }
      expect(await issuer.read(late, NOW + 30_000)).toBe("wrong");
      server[Symbol.dispose]();
      expect(await waiting).toBe("wrong");
    },
  );
});
