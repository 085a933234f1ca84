import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { CommandKind } from "../../src/core/command.ts";
import { createCore } from "../../src/core/create.ts";
import { Control } from "../../src/execution/control.ts";
import { ExecutionManager } from "../../src/execution/execution-manager.ts";
import { LocalCommandLog } from "../../src/execution/local-command-log.ts";
import { recover } from "../../src/execution/replay.ts";
import { StateCheck } from "../../src/execution/state-check.ts";
import { TickLoop } from "../../src/execution/tick-loop.ts";
import { ownProgram } from "../../src/host/own-program.ts";
import { Housekeeping } from "../../src/housekeeping/housekeeping.ts";
import { Lifecycle } from "../../src/lib/lifecycle.ts";
import type { Log } from "../../src/lib/log.ts";
import { LocalPersistence } from "../../src/persistence/local.ts";
import { InboundRing } from "../../src/router/inbound-ring.ts";
import { Sequencer } from "../../src/router/sequencer.ts";
import { addFalseCent } from "../execution/false-cent.ts";
import { tickTimes } from "../execution/tick-metrics.ts";
import { SILENT } from "../lib/logs.ts";
import { until } from "../lib/until.ts";

const MEBIBYTE = 1024 * 1024;
const core = createCore(8);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "housekeeping-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** An exchange without an edge, whose journal and snapshots are real files and whose snapshots a real process takes. */
function open() {
  core.reset();
  const walDir = join(root, "wal");
  const snapshotDir = join(root, "snapshots");
  const backend = new LocalPersistence({
    directory: walDir,
    snapshotDirectory: snapshotDir,
    segmentBytes: MEBIBYTE,
  });
  const sequencer = new Sequencer(Date.now);
  const check = new StateCheck(core);
  recover({ backend, core, check, sequencer, records: [], log: SILENT });
  const ring = new InboundRing(64);
  const onBug = (): void => {};
  const loop = new TickLoop({
    ring,
    manager: new ExecutionManager({ core, beforeReplies: [], afterReplies: [], onBug }),
    createLog: (follower) => new LocalCommandLog({ sequencer, check, backend }, follower),
    times: tickTimes(),
    onFailure: () => {},
    onBug,
  });
  const lines: [message: string, fields: object][] = [];
  const note = (fields: object, message: string) => void lines.push([message, fields]);
  const log: Log = { info: note, warn: note, error: note };
  const lifecycle = new Lifecycle();
  const control = new Control(ring, loop, lifecycle);
  const housekeeping = new Housekeeping({
    config: {
      backend: "local",
      walDir,
      snapshotDir,
      walFilesMax: 1,
      snapshotsMax: 2,
      snapshotIntervalCommands: 1_000,
      snapshotSpacingMs: 1_000,
      snapshotChangePercent: 0,
      lowSpaceBytes: 0,
      durability: "fsync",
      flushIntervalMs: 10,
      segmentBytes: MEBIBYTE,
      archive: NO_ARCHIVE,
    },
    core,
    control,
    backend,
    archive: null,
    snapshotProgram: ownProgram("snapshot-worker"),
    last: { tick: 0, sequence: 0, timestamp: 0 },
    refused: new Set(),
    copyIdentity: () => ({ users: [], keys: [], passwords: [] }),
    log,
  });
  housekeeping.start();
  return {
    housekeeping,
    lines,
    /** What was logged with this message. */
    logged: (message: string) => lines.filter(([each]) => each === message),
    /** One more tick. */
    note: () => control.submit({ kind: CommandKind.NOTE, text: "something happened" }),
    /** The account is the next one. */
    account: () =>
      control.submit({ kind: CommandKind.OPEN_ACCOUNT, account: core.view.nextAccount() }),
    snapshots: () =>
      readdirSync(snapshotDir)
        .filter((name) => name !== "lock")
        .sort(),
    segments: () =>
      readdirSync(walDir)
        .filter((name) => name.startsWith("wal_"))
        .sort(),
    snapshotDir,
    async close(): Promise<void> {
      await loop.drained();
      lifecycle.close();
      await backend.close();
      await housekeeping.close();
    },
  };
}

const NO_ARCHIVE = {
  bucket: "none",
  region: "us-east-1",
  endpoint: null,
  prefix: "",
  uploadIntervalMs: 1_000,
  requestTimeoutMs: 1_000,
  retentionDays: 0,
  key: null,
  credentials: { accessKeyId: "", secretAccessKey: "", sessionToken: "" },
};

test("a snapshot is taken and told; older ones go, and the segments that nobody needs", async () => {
  const rig = open();
  const ticks: number[] = [];
  for (let i = 0; i < 4; i++) {
    await rig.account();
    const answer = await rig.housekeeping.takeSnapshot();
    const stateHash = core.stateHash().toString(16).padStart(16, "0");
    expect(answer).toEqual({
      file: `snapshot_${String(core.view.tick()).padStart(12, "0")}.snap`,
      tick: core.view.tick(),
      seq: core.view.sequence(),
      state_hash: stateHash,
      bytes: expect.any(Number),
      milliseconds: expect.any(Number),
    });
    ticks.push(core.view.tick());
  }
  await until(() => rig.logged("removed").length === 2);
  expect(rig.snapshots()).toEqual(
    ticks.slice(-2).map((tick) => `snapshot_${String(tick).padStart(12, "0")}.snap`),
  );
  // The segment that the oldest of the two ends with, and what came after it.
  expect(rig.segments()[0]).toBe("wal_000003.log");
  expect(await rig.housekeeping.pushArchive()).toBeNull();
  await rig.close();
});

test("the end takes one of its own, and none when nothing has happened since", async () => {
  const rig = open();
  await rig.account();
  await rig.close();
  expect(rig.snapshots()).toEqual(["snapshot_000000000001.snap"]);
  const again = open();
  await again.account();
  await again.housekeeping.takeSnapshot();
  await again.close();
  expect(again.snapshots()).toEqual(["snapshot_000000000001.snap", "snapshot_000000000002.snap"]);
  expect(again.logged("snapshot taken").length).toBe(1);
});

test("an exchange in which nothing happened ends without one", async () => {
  const rig = open();
  expect(rig.housekeeping.takeSnapshot()).rejects.toThrow("there has been no tick yet");
  await rig.close();
  expect(rig.lines).toEqual([]);
  expect(rig.housekeeping.snapshots.failure).toBeNull();
});

test("a snapshot that is no good counts as none, and stays", async () => {
  const rig = open();
  for (let i = 0; i < 2; i++) {
    await rig.account();
    await rig.housekeeping.takeSnapshot();
  }
  const bad = "snapshot_000000000009.snap";
  writeFileSync(join(rig.snapshotDir, bad), "this is no snapshot");
  await rig.account();
  await rig.housekeeping.takeSnapshot();
  await until(() => rig.logged("removed").length === 1);
  expect(rig.snapshots()).toEqual([
    "snapshot_000000000002.snap",
    "snapshot_000000000003.snap",
    bad,
  ]);
  const [[, fields] = []] = rig.logged("a snapshot cannot be used");
  expect(fields).toEqual({ error: expect.stringContaining(bad) });
  await rig.close();
});

describe("a process that takes a snapshot and finds", () => {
  test("that the replay strays from the live exchange gives none, and says at which tick", async () => {
    const rig = open();
    for (let i = 0; i < 3; i++) await rig.account();
    // A bit falls over in the live exchange's memory.
    addFalseCent(core);
    for (let i = 0; i < 400; i++) await rig.note();
    expect(rig.housekeeping.takeSnapshot()).rejects.toThrow(/strays .* before tick \d+/);
    await until(() => rig.housekeeping.snapshots.failure !== null);
    expect(rig.housekeeping.snapshots.counters).toMatchObject({ taken: 0, failed: 1 });
    await rig.close();
  });

  test("at the end that the state is another than the exchange's gives none", async () => {
    const rig = open();
    await rig.account();
    addFalseCent(core);
    await rig.close();
    expect(rig.housekeeping.snapshots.failure?.message).toMatch(
      /after tick 1 the replay's state hash is [0-9a-f]{16}, and the exchange's was [0-9a-f]{16}/,
    );
    expect(rig.snapshots()).toEqual([]);
  });

  test("that a segment is missing says which", async () => {
    const rig = open();
    await rig.account();
    const taken = await rig.housekeeping.takeSnapshot();
    await rig.account();
    rmSync(join(rig.snapshotDir, basename(String((taken as { file: string }).file))));
    rmSync(join(root, "wal", "wal_000001.log"));
    expect(rig.housekeeping.takeSnapshot()).rejects.toThrow("wal_000001.log");
    await until(() => rig.housekeeping.snapshots.failure !== null);
    expect(rig.snapshots()).toEqual([]);
    await rig.close();
  });

  test("that it cannot write says so, and leaves nothing behind", async () => {
    const rig = open();
    await rig.account();
    rmSync(rig.snapshotDir, { recursive: true });
    writeFileSync(rig.snapshotDir, "a file where a directory should be");
    expect(rig.housekeeping.takeSnapshot()).rejects.toThrow(/EEXIST|ENOTDIR/);
    await until(() => rig.housekeeping.snapshots.failure !== null);
    rmSync(rig.snapshotDir);
    expect(await rig.housekeeping.takeSnapshot()).toMatchObject({ tick: 1 });
    expect(rig.snapshots()).toEqual(["snapshot_000000000001.snap"]);
    await rig.close();
  });
});

test("no backup after the storage has failed: that is the reason, and no end of the exchange", async () => {
  const rig = open();
  await rig.note();
  rig.housekeeping.storageFailed(new Error("the disk is full"));
  const options = { dataDir: join(root, "data"), configuration: {}, verify: async () => 0 };
  const backup = rig.housekeeping.backUp(join(root, "copy"), options);
  expect(backup).rejects.toThrow("the disk is full");
  await rig.close();
});
