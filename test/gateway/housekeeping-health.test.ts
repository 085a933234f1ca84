import { expect, test } from "bun:test";
import { Health } from "../../src/gateway/health.ts";
import { addHousekeepingHealth } from "../../src/gateway/storage-health.ts";
import type { Housekeeping } from "../../src/housekeeping/housekeeping.ts";

type Parts = Parameters<typeof addHousekeepingHealth>[1];

function open(hasArchive: boolean) {
  const snapshots = {
    failure: null as Error | null,
    slow: null as string | null,
    slowness: () => snapshots.slow,
  };
  const archive = { reason: null as string | null };
  const clock = { now: 1 };
  const health = new Health();
  const archiver = hasArchive ? { reason: () => archive.reason } : null;
  const parts: { snapshots: object; archiver: object | null } = { snapshots, archiver };
  addHousekeepingHealth(health, parts as Pick<Housekeeping, keyof Parts>, () => clock.now);
  return { health, snapshots, archive, clock };
}

test("without an archive only the snapshots have a component", () => {
  const { health } = open(false);
  expect(health.readiness()).toEqual({
    status: "ok",
    components: { snapshots: { status: "ok", since: 1 } },
  });
});

test("a snapshot that takes too long is degraded until it ends", () => {
  const { health, snapshots, clock } = open(false);
  snapshots.slow = "it goes on and on";
  clock.now = 5;
  const late = { status: "degraded", reason: "it goes on and on", since: 5 } as const;
  expect(health.readiness().components.snapshots).toEqual(late);
  snapshots.slow = null;
  clock.now = 6;
  expect(health.readiness().components.snapshots).toEqual({ status: "ok", since: 6 });
});

test("a failed snapshot is degraded, with the reason, until the next one succeeds; trading continues", () => {
  const { health, snapshots, clock } = open(true);
  clock.now = 2;
  snapshots.failure = new Error("no space left");
  const degraded = { status: "degraded", reason: "no space left", since: 2 } as const;
  const components = { snapshots: degraded, archive: { status: "ok", since: 1 } } as const;
  expect(health.readiness()).toEqual({ status: "degraded", components });
  expect(health.respond().status).toBe(200);
  clock.now = 3;
  snapshots.failure = new Error("the replay strays");
  expect(health.readiness().components.snapshots).toEqual({
    status: "degraded",
    reason: "the replay strays",
    since: 2,
  });
  clock.now = 4;
  snapshots.failure = null;
  expect(health.readiness().components.snapshots).toEqual({ status: "ok", since: 4 });
});

test("an archive that is behind has its own degraded component", () => {
  const { health, archive, clock } = open(true);
  clock.now = 5;
  archive.reason = "connection refused";
  expect(health.readiness()).toEqual({
    status: "degraded",
    components: {
      snapshots: { status: "ok", since: 1 },
      archive: { status: "degraded", reason: "connection refused", since: 5 },
    },
  });
  archive.reason = null;
  expect(health.readiness().status).toBe("ok");
});
