import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalPersistence } from "../../../src/persistence/local.ts";
import { JournalLockedError } from "../../../src/persistence/wal/lock.ts";
import { makeBatch } from "../journals.ts";

const root = mkdtempSync(join(tmpdir(), "waiver-lock-"));
afterAll(() => rmSync(root, { recursive: true }));

const HOLDER = `
  import { LocalPersistence } from ${JSON.stringify(join(import.meta.dir, "../../../src/persistence/local.ts"))};
  const backend = new LocalPersistence({ directory: process.argv[1], segmentBytes: 4096 });
  backend.recover({ apply: () => {} });
  backend.open();
  Bun.gc(true);
  process.stdout.write("locked");
  setInterval(() => {}, 1000);
`;

function local(directory: string): LocalPersistence {
  return new LocalPersistence({ directory, segmentBytes: 4096 });
}

test("a second instance is refused until the first is closed", async () => {
  const directory = join(root, "same-process");
  const first = local(directory);
  first.recover({ apply: () => {} });
  first.open();
  expect(() => local(directory).recover({ apply: () => {} })).toThrow(
    new JournalLockedError(
      `${directory} is in use by process ${process.pid}. ` +
        "Stop it first, or give this one a data directory of its own.",
    ),
  );
  // What comes after the journal's end, such as the last snapshot, is still this one's.
  await first.seal();
  expect(() => local(directory).recover({ apply: () => {} })).toThrow(JournalLockedError);
  await first.close();
  const second = local(directory);
  second.recover({ apply: () => {} });
  await second.close();
});

test("the lock ends with its process, also on kill -9", async () => {
  const directory = join(root, "other-process");
  await using holder = Bun.spawn([process.execPath, "-e", HOLDER, directory], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await holder.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("locked");
  expect(() => local(directory).recover({ apply: () => {} })).toThrow(
    `in use by process ${holder.pid}.`,
  );
  holder.kill("SIGKILL");
  await holder.exited;
  const next = local(directory);
  next.recover({ apply: () => {} });
  next.open();
  await next.close();
});

test("two instances that share any directory are kept apart, and the refused one holds no lock", async () => {
  const shared = (name: string) => join(root, "shared", name);
  const open = (...[directory, snapshotDirectory, dataDirectory]: [string, string, string]) =>
    new LocalPersistence({ directory, snapshotDirectory, dataDirectory, segmentBytes: 4096 });
  const first = open(shared("wal"), shared("snapshots"), shared("data"));
  first.recover({ apply: () => {} });
  const others = [
    open(shared("wal"), shared("s2"), shared("d2")),
    open(shared("w2"), shared("snapshots"), shared("d2")),
    open(shared("w2"), shared("s2"), shared("data")),
  ];
  const taken = ["wal", "snapshots", "data"];
  for (const [i, other] of others.entries()) {
    expect(() => other.recover({ apply: () => {} })).toThrow(
      `${shared(taken[i] as string)} is in use by process ${process.pid}.`,
    );
  }
  const apart = open(shared("w2"), shared("s2"), shared("d2"));
  apart.recover({ apply: () => {} });
  await Promise.all([first.close(), apart.close()]);
});

test("a lock that cannot be opened gives the system's reason", () => {
  const directory = join(root, "no-lock");
  mkdirSync(join(directory, "lock"), { recursive: true });
  expect(() => local(directory).recover({ apply: () => {} })).toThrow(
    `cannot lock ${directory}: EISDIR: illegal operation on a directory, open '${directory}/lock'`,
  );
});

test("a directory under two names is locked once", async () => {
  const directory = join(root, "one");
  const alias = join(root, "alias");
  mkdirSync(directory);
  symlinkSync(directory, alias);
  const backend = new LocalPersistence({ directory, dataDirectory: alias, segmentBytes: 4096 });
  backend.recover({ apply: () => {} });
  await backend.close();
});

test("a journal that cannot be recovered is not kept locked", async () => {
  const directory = join(root, "failed");
  const boom = new Error("apply failed");
  const backend = local(directory);
  backend.recover({ apply: () => {} });
  backend.open();
  const { batch, info } = makeBatch(1, 1, 1);
  backend.append(batch, info);
  await backend.close();
  const failing = (): never => {
    throw boom;
  };
  expect(() => local(directory).recover({ apply: failing })).toThrow(boom);
  expect(local(directory).recover({ apply: () => {} })).toMatchObject({ batches: 1 });
});

test.each([
  ["zeros", new Uint8Array(8192)],
  ["what was never SQLite's", new TextEncoder().encode("oops ".repeat(1000))],
])(
  "a lock that a power cut left as %s is made anew, and never beside one that is held",
  async (_, bytes) => {
    const directory = join(root, `damaged-${bytes.length}`);
    mkdirSync(directory);
    const lock = join(directory, "lock");
    writeFileSync(lock, bytes);
    await using holder = Bun.spawn([process.execPath, "-e", HOLDER, directory], {
      stdout: "pipe",
      stderr: "inherit",
    });
    const { value } = await holder.stdout.getReader().read();
    expect(new TextDecoder().decode(value)).toBe("locked");
    writeFileSync(lock, bytes);
    const starts = [1, 2].map(() => () => local(directory).recover({ apply: () => {} }));
    for (const start of starts) expect(start).toThrow(JournalLockedError);
    holder.kill("SIGKILL");
    await holder.exited;
    const next = local(directory);
    next.recover({ apply: () => {} });
    await next.close();
  },
);
