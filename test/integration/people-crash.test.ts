import { expect, test } from "bun:test";
import { SeededRandom } from "./load-generator.ts";
import { Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

const SEED = Date.now() % 2 ** 31;
const ROUNDS = 2;
const PASSWORD = "correct horse battery";
const CONFIG = `[gateway.auth]
sign_up = true
sign_up_cash = 1000
sign_up_shares = ["KCQB1=10"]
`;

test(`sign-ups survive kill -9 in the middle of them, whole or not at all (seed ${SEED})`, async () => {
  process.stdout.write(`people crash: seed ${SEED}\n`);
  const random = new SeededRandom(SEED);
  await using venue = await Venue.open({ config: CONFIG });
  const post = (path: string, name: string) =>
    fetch(`${venue.server.url}/api/v1${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name, password: PASSWORD }),
    });
  const told = new Map<string, Members>();
  const tried: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const enough = 1 + random.below(6);
    let count = 0;
    const { promise: killing, resolve: kill } = Promise.withResolvers<void>();
    const names = Array.from({ length: 6 }, (_, n) => `Person-${round}-${n}`);
    tried.push(...names);
    const signingUp = Promise.allSettled(
      names.map(async (name) => {
        const answer = await post("/users", name);
        if (answer.status === 201) told.set(name, (await answer.json()) as Members);
        if (++count >= enough) kill();
      }),
    );
    await killing;
    await venue.server.kill();
    await signingUp;
    await venue.restart();

    const { users } = await venue.server.ask<{ users: Members[] }>("GET", "/users");
    const { accounts } = await venue.server.ask<{ accounts: number }>("GET", "/state");
    // Each user has an account in the journal; an account without a user is left of a sign-up that was cut short.
    expect(accounts).toBeGreaterThanOrEqual(users.length);
    const listed = new Set(users.map(({ name }) => name));
    expect(
      told
        .keys()
        .filter((name) => !listed.has(name))
        .toArray(),
    ).toEqual([]);
    for (const { name, user_id, account_ids } of users) {
      const before = told.get(String(name));
      if (before !== undefined) expect(user_id).toBe(before.user_id);
      const shown = await fetch(`${venue.server.url}/admin/v1/accounts/${account_ids}/deposit`, {
        method: "POST",
        headers: { Authorization: `Bearer ${await venue.server.adminToken()}` },
        body: JSON.stringify({ cash: 1, positions: { KCQB1: 1 } }),
      });
      const { cash, positions } = (await shown.json()) as { cash: number; positions: object };
      const deposits = deposited.get(String(name)) ?? 0;
      deposited.set(String(name), deposits + 1);
      expect([cash, ...Object.values(positions)]).toEqual([1001 + deposits, 11 + deposits]);
    }
    // Each name can log in, or has nobody and can be had.
    const name = tried[random.below(tried.length)] as string;
    expect((await post(listed.has(name) ? "/session" : "/users", name)).ok).toBe(true);
    const session = told.values().next().value as Members;
    const shown = await fetch(`${venue.server.url}/api/v1/session`, {
      headers: { Authorization: `Bearer ${session.token}` },
    });
    expect(shown.status).toBe(200);
    const next = (await (await post("/users", `Next-${round}`)).json()) as Members;
    told.set(`Next-${round}`, next);
    const numbers = users.map(({ user_id }) => Number(String(user_id).slice("usr_".length)));
    expect(Number(String(next.user_id).slice("usr_".length))).toBeGreaterThan(Math.max(...numbers));
  }
});

/** How often the test gave a user one cent and one share more. */
const deposited = new Map<string, number>();
