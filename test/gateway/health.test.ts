import { expect, jest, test } from "bun:test";
import { Health, HealthState } from "../../src/gateway/health.ts";
import { turn } from "../lib/until.ts";

test("all who ask in one turn of the event loop are answered the same, who asks in the next anew", async () => {
  const health = new Health();
  let reads = 0;
  const state = new HealthState(() => 7);
  health.add("storage", () => {
    reads++;
    return state.read();
  });
  const answers = [health.respond()];
  state.set("failed", "the disk");
  answers.push(health.respond());
  expect([answers.map(({ status }) => status), reads]).toEqual([[200, 200], 1]);
  expect(await answers[1].json()).toEqual(await answers[0].json());
  await turn();
  expect([health.respond().status, reads]).toEqual([503, 2]);
});

test("the worst of the components is the whole's", async () => {
  const health = new Health();
  const states = ["first", "second"].map((name) => {
    const state = new HealthState(() => 7);
    health.add(name, state.read);
    return state;
  });
  const read = async () => {
    await turn();
    const response = health.respond();
    return { http: response.status, body: await response.json() };
  };
  const ok = { status: "ok", since: 7 };
  const components = { first: ok, second: ok };
  expect(await read()).toEqual({ http: 200, body: { status: "ok", components } });

  states[1].set("degraded", "Sleeper is away");
  const degraded = { status: "degraded", reason: "Sleeper is away", since: 7 };
  expect(await read()).toEqual({
    http: 200,
    body: { status: "degraded", components: { first: ok, second: degraded } },
  });

  states[0].set("failed", "the disk");
  const failed = { status: "failed", reason: "the disk", since: 7 };
  expect(await read()).toEqual({
    http: 503,
    body: { status: "failed", components: { first: failed, second: degraded } },
  });
});

test("a component says since when it is as it is", () => {
  let now = 1;
  const state = new HealthState(() => now);
  now = 2;
  state.set("degraded", "one reason");
  now = 3;
  state.set("degraded", "another reason");
  expect(state.read()).toEqual({ status: "degraded", reason: "another reason", since: 2 });
  now = 4;
  state.set("ok");
  expect(state.read()).toEqual({ status: "ok", since: 4 });
});

test("since is right also when nobody asked meanwhile", () => {
  jest.useFakeTimers();
  try {
    const clock = { now: 0 };
    let trouble: string | null = null;
    const health = new Health();
    health.addReason(
      "archive",
      () => trouble,
      () => clock.now,
    );
    using _ = health.watch();
    const pass = (seconds: number): void => {
      for (let i = 0; i < seconds; i++) {
        clock.now += 1000;
        jest.advanceTimersByTime(1000);
      }
    };
    pass(5);
    trouble = "away";
    pass(60);
    expect(health.readiness().components.archive).toEqual({
      ...{ status: "degraded", reason: "away", since: 6000 },
    });
  } finally {
    jest.useRealTimers();
  }
});
