/** Logins without the secret on the wire, on real connections. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { bare, detailed } from "./expectations.ts";
import { within } from "./in-time.ts";
import { type Key, Venue } from "./venue.ts";
import { ENCODINGS, type Members, type Path, type WireError } from "./wire-client.ts";

const PATHS: readonly Path[] = ["/orders", "/market-data", "/user-data"];

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

function signed({ api_key, api_secret }: Key, timestamp = Date.now()) {
  const text = `auth.login\n${api_key}\n${timestamp}`;
  const signature = createHmac("sha256", api_secret).update(text).digest("hex");
  return { api_key, timestamp, signature };
}

const used = (): WireError =>
  detailed(40101, { field: "signature", issue: "Was used before: sign a later timestamp" });

describe.each(ENCODINGS)("in %s,", (encoding) => {
  test.each(PATHS)("a right signature logs in on %s", async (path) => {
    const user = await venue.user();
    using client = await venue.open(path, encoding);
    const { authenticated, user_id } = await client.result("auth.login", signed(user));
    expect({ authenticated, user_id }).toEqual({ authenticated: true, user_id: user.user_id });
  });

  test("a signature is taken once, whoever sends it and on whatever connection", async () => {
    const user = await venue.user();
    const proof = signed(user);
    using owner = await venue.open("/orders", encoding);
    await owner.result("auth.login", proof);
    for (const path of PATHS) {
      using thief = await venue.open(path, encoding);
      expect(await thief.refusal("auth.login", proof)).toEqual(used());
      const spelled = { ...proof, signature: proof.signature.toUpperCase() };
      expect(await thief.refusal("auth.login", spelled)).toEqual(used());
    }
    expect(await owner.refusal("auth.login", proof)).toEqual(used());
    await owner.result("auth.login", signed(user, proof.timestamp + 1));
  });

  test("a signature of another text, key or secret is wrong, as one of an unknown key", async () => {
    const [user, other] = [await venue.user(), await venue.user()];
    using client = await venue.open("/orders", encoding);
    const right = signed(user);
    for (const wrong of [
      { ...right, timestamp: right.timestamp + 1 },
      { ...right, api_key: other.api_key },
      { ...right, api_key: "ak_000000000000000000000000" },
      signed({ ...user, api_secret: other.api_secret }),
      signed({ ...user, api_secret: user.api_secret.slice(3) }),
      { ...right, signature: "0".repeat(64) },
    ]) {
      expect(await client.refusal("auth.login", wrong)).toEqual(bare(40101));
    }
    await client.result("auth.login", right);
  });

  test("a clock that is wrong is told the exchange's", async () => {
    const user = await venue.user();
    using client = await venue.open("/orders", encoding);
    for (const skew of [-4000, 4000]) {
      const login = () => client.result("auth.login", signed(user, Date.now() + skew));
      await within(1000, login);
    }
    for (const [i, skew] of [-6000, 60_000, -86_400_000].entries()) {
      const before = Date.now();
      const { code, details } = await client.refusal("auth.login", signed(user, before + skew));
      expect([code, details?.field]).toEqual([40101, "timestamp"]);
      const clock = Number(details?.server_time);
      expect(clock).toBeGreaterThanOrEqual(before);
      expect(clock).toBeLessThanOrEqual(Date.now());
      await client.result("auth.login", signed(user, clock + i * 1000));
    }
  });

  test("a secret and a signature do not go together, and a signature needs its timestamp", async () => {
    const user = await venue.user();
    const { timestamp: _, ...timeless } = signed(user);
    using client = await venue.open("/orders", encoding);
    for (const params of [
      { ...signed(user), api_secret: user.api_secret },
      timeless,
      { ...signed(user), signature: "00" },
      { api_key: user.api_key },
    ]) {
      expect((await client.refusal("auth.login", params)).code).toBe(40001);
    }
  });

  test("a revoked key's signature is 40102", async () => {
    const user = await venue.user();
    using client = await venue.open("/orders", encoding);
    await venue.server.ask("DELETE", `/keys/${user.api_key}`);
    expect(await client.refusal("auth.login", signed(user))).toEqual(bare(40102));
  });
});

test("10,000 wrong logins from an address disturb nobody's right one from there, of the same key either", async () => {
  const [user, other] = [await venue.user(), await venue.user()];
  const attackers = await Promise.all(
    Array.from({ length: 8 }, () => venue.open("/orders", "msgpack")),
  );
  const codes = new Map<number, number>();
  let answered = 0;
  for (let i = 0; i < 10_000; i++) {
    const api_key = i % 2 === 0 ? user.api_key : `ak_${i}`;
    const wrong = { api_key, api_secret: `sk_${i}` };
    attackers[i % 8]?.notify("auth.login", wrong, ({ error }) => {
      answered++;
      codes.set(error?.code ?? 0, (codes.get(error?.code ?? 0) ?? 0) + 1);
    });
    if (i % 1000 !== 999) continue;
    for (const key of [user, other]) {
      using client = await venue.open("/orders");
      await client.result("auth.login", signed(key));
      using again = await venue.open("/user-data");
      await again.result("auth.login", { api_key: key.api_key, api_secret: key.api_secret });
    }
  }
  for (const attacker of attackers) attacker[Symbol.dispose]();
  expect(answered).toBeGreaterThan(0);
  expect([...codes.keys()]).toContainValues([40101, 42904]);
  codes.delete(42902);
  expect(codes.size).toBe(2);
});

/** So long a signature of four seconds ahead holds, less a second. */
const AHEAD_HOLDS_MS = 8000;

test("after a kill and a start a signature from before is not taken", () =>
  within(AHEAD_HOLDS_MS, async () => {
    await using killed = await Venue.open();
    const user = await killed.user();
    const proof = signed(user, Date.now() + 4000);
    {
      using client = await killed.open("/orders");
      await client.result("auth.login", proof);
    }
    await killed.crash();
    using client = await killed.open("/orders");
    expect(await client.refusal("auth.login", proof)).toEqual(used());
    await client.result("auth.login", signed(user));
  }));

describe("the examples of proto/README.md", () => {
  const examples = async (language: string): Promise<string> => {
    const page = await Bun.file("proto/README.md").text();
    const section = page.slice(page.indexOf("## Logging in"));
    const [, code = ""] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(section) ?? [];
    return code;
  };

  test.each([
    ["sh", ["sh", "-c"]],
    ["python", ["python3", "-c"]],
    ["ts", [process.execPath, "-e"]],
  ])("in %s log in", async (language, command) => {
    const user = await venue.user();
    const env = { ...process.env, API_KEY: user.api_key, API_SECRET: user.api_secret };
    const child = Bun.spawn([...command, await examples(language)], { env, stderr: "inherit" });
    const message = (await new Response(child.stdout).json()) as Members;
    expect(JSON.stringify(message)).not.toContain(user.api_secret);
    using client = await venue.open("/orders");
    const { result } = await client.ask({ id: 1, ...message });
    expect(result?.user_id).toBe(user.user_id);
  });
});
