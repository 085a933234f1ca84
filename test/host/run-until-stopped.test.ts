import { afterAll, describe, expect, test } from "bun:test";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linesOf } from "../../src/lib/lines.ts";
import { canMount, SmallDisk } from "../integration/small-disk.ts";
import { eventually } from "../lib/eventually.ts";
import { Pty } from "./pty.ts";

const PROGRAM = join(import.meta.dir, "stand-in-program.ts");
const directory = mkdtempSync(join(tmpdir(), "waiver-stop-"));
afterAll(() => rmSync(directory, { recursive: true }));
const ENV = { PATH: Bun.env.PATH };

interface Answer {
  dropped: number;
  reason: string | null;
}

/** Whether it answers at all while its log is stuck is what the tests are about. */
async function ask(port: number): Promise<Answer> {
  const reply = await fetch(`http://127.0.0.1:${port}/`);
  return (await reply.json()) as Answer;
}

/** The stand-in, with its standard output where the test wants it. */
class StandIn implements AsyncDisposable {
  readonly #child: Bun.Subprocess;
  readonly #lines: AsyncGenerator<string>;

  constructor(
    stdout: number | "pipe" | "ignore",
    stuck = "",
    prefix: string[] = [],
    format = "auto",
  ) {
    const command = [...prefix, process.execPath, PROGRAM, stuck, format];
    const child = Bun.spawn(command, { env: ENV, stdin: "ignore", stdout, stderr: "pipe" });
    this.#child = child;
    this.#lines = linesOf(child.stderr);
  }

  async line(): Promise<string | undefined> {
    return (await this.#lines.next()).value;
  }

  /** Passes over "starting"; gives a question to the running process. */
  async ready(): Promise<() => Promise<Answer>> {
    expect(await this.line()).toBe("starting");
    const port = Number((await this.line())?.replace("port ", ""));
    return () => ask(port);
  }

  async firstOfLog(): Promise<string | undefined> {
    return (await linesOf(this.#child.stdout as ReadableStream<Uint8Array>).next()).value;
  }

  /** Of the log, but for those that it is filled with. */
  async *messages(): AsyncGenerator<string> {
    for await (const line of linesOf(this.#child.stdout as ReadableStream<Uint8Array>)) {
      const { msg } = JSON.parse(line) as { msg: string };
      if (msg !== "busy") yield msg;
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  get exited(): Promise<number> {
    return this.#child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.exited;
  }
}

describe("a log that cannot be written does not stop the process", () => {
  /** It answers, tells what it drops, and ends when it is asked to. */
  async function survives(standIn: StandIn, reason: RegExp): Promise<void> {
    const ask = await standIn.ready();
    await eventually(async () => (await ask()).dropped > 0);
    expect((await ask()).reason).toMatch(reason);
    standIn.kill("SIGTERM");
    expect([await standIn.line(), await standIn.line()]).toEqual(["closing", "closed"]);
    expect(await standIn.exited).toBe(0);
  }

  test("/dev/full", async () => {
    const full = openSync("/dev/full", "w");
    await using standIn = new StandIn(full);
    await survives(standIn, /^the log cannot be written: ENOSPC.*; \d+ lines were dropped$/);
    closeSync(full);
  });

  test("a pipe that nobody reads", async () => {
    const path = join(directory, "unread");
    expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, "w");
    await using standIn = new StandIn(writer);
    await survives(standIn, /^nobody reads standard output; \d+ lines were dropped$/);
    for (const each of [reader, writer]) closeSync(each);
  });

  test("a pipe whose reader is gone", async () => {
    const path = join(directory, "closed");
    expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, "w");
    closeSync(reader);
    await using standIn = new StandIn(writer);
    await survives(standIn, /^the log cannot be written: EPIPE/);
    closeSync(writer);
  });
});

test.skipIf(!(await canMount("tmpfs")))(
  "a log on a full disk is written again when there is room",
  async () => {
    await using disk = await SmallDisk.mount("tmpfs", 16 * 1024 * 1024);
    await disk.addBallast(64 * 1024);
    const file = openSync(join(disk.path, "log"), "a");
    {
      await using standIn = new StandIn(file);
      const ask = await standIn.ready();
      await eventually(async () => (await ask()).dropped > 0);
      expect((await ask()).reason).toMatch(/^the log cannot be written: ENOSPC/);
      await disk.removeBallast();
      await eventually(async () => (await ask()).reason === null);
      standIn.kill("SIGTERM");
      expect(await standIn.exited).toBe(0);
    }
    closeSync(file);
  },
);

test.each(["throw", "reject"])("a bug ends it, and the log says which: %s", async (how) => {
  await using standIn = new StandIn("pipe", how);
  const messages = await Array.fromAsync(standIn.messages());
  expect(messages).toEqual(["a bug ended the exchange"]);
  expect(await standIn.exited).toBe(1);
});

describe("an end in order", () => {
  test("asked while it starts, the start is left and it ends with 0", async () => {
    await using standIn = new StandIn("pipe", "start");
    expect(await standIn.line()).toBe("starting");
    standIn.kill("SIGTERM");
    expect(await standIn.exited).toBe(0);
    expect(await Array.fromAsync(standIn.messages())).toEqual([
      "draining",
      "ended before it was ready",
    ]);
  });

  test.skipIf(process.getuid?.() !== 0)("so also as process 1", async () => {
    const asOne = [
      "unshare",
      "--pid",
      "--fork",
      "--mount-proc",
      "--kill-child",
      "sh",
      "-c",
      'exec "$@"',
      "sh",
    ];
    await using standIn = new StandIn("pipe", "start", asOne);
    expect(await standIn.line()).toBe("starting");
    const { stdout } = Bun.spawnSync(["pgrep", "-f", `^${process.execPath} ${PROGRAM} start`]);
    for (const pid of stdout.toString().trim().split("\n")) process.kill(Number(pid), "SIGTERM");
    expect(await standIn.exited).toBe(0);
  });

  test("asked again, it says that it is draining, and goes on with it", async () => {
    await using standIn = new StandIn("pipe", "close");
    await standIn.ready();
    const messages = standIn.messages();
    const next = async (): Promise<string | undefined> => (await messages.next()).value;
    standIn.kill("SIGINT");
    expect([await standIn.line(), await next()]).toEqual(["closing", "draining"]);
    standIn.kill("SIGINT");
    expect(await next()).toBe("already draining; kill -9 ends it at once");
    standIn.kill("SIGTERM");
    expect(await next()).toBe("already draining; kill -9 ends it at once");
    standIn.kill("SIGUSR2");
    expect([await standIn.line(), await next()]).toEqual(["closed", "closed"]);
    expect(await standIn.exited).toBe(0);
  });

  test("a drain that takes too long is left, after the connections were ended", async () => {
    await using standIn = new StandIn("pipe", "drain");
    await standIn.ready();
    standIn.kill("SIGTERM");
    expect([await standIn.line(), await standIn.line()]).toEqual(["closing", "cut"]);
    expect(await standIn.exited).toBe(1);
    expect(await Array.fromAsync(standIn.messages())).toEqual([
      "draining",
      "the drain took too long",
    ]);
  });

  test("SIGHUP without a terminal reloads", async () => {
    await using standIn = new StandIn("ignore");
    await standIn.ready();
    standIn.kill("SIGHUP");
    expect(await standIn.line()).toBe("reloaded");
    standIn.kill("SIGTERM");
    expect(await standIn.exited).toBe(0);
  });

  /** The stand-in in a terminal; what it reports goes to a file. */
  function inTerminal(env: Record<string, string> = {}, format = "auto") {
    const report = join(mkdtempSync(join(directory, "terminal-")), "report");
    const command = `exec ${process.execPath} ${PROGRAM} "" ${format} 2> ${report}`;
    const pty = new Pty(["sh", "-c", command], env);
    const reported = async (): Promise<string> =>
      (await Bun.file(report).exists()) ? await Bun.file(report).text() : "";
    const ready = async (): Promise<() => Promise<Answer>> => {
      await eventually(async () => /port \d+\n/.test(await reported()));
      const port = /port (\d+)/.exec(await reported())?.[1];
      return () => ask(Number(port));
    };
    return { pty, reported, ready };
  }

  test("a terminal that is closed ends it in order", async () => {
    const { pty, reported, ready } = inTerminal();
    await using _ = pty;
    await ready();
    pty.close();
    expect(await pty.exited).toBe(0);
    expect(await reported()).toMatch(/^starting\nport \d+\nclosing\nclosed\n$/);
  });

  test("so does one that only standard error is", async () => {
    const log = join(mkdtempSync(join(directory, "terminal-")), "log");
    const command = `exec ${process.execPath} ${PROGRAM} < /dev/null > ${log}`;
    await using pty = new Pty(["sh", "-c", command]);
    await pty.shows(/port \d+/);
    pty.close();
    expect(await pty.exited).toBe(0);
    const last = (await Bun.file(log).text()).trim().split("\n").at(-1) ?? "";
    expect(JSON.parse(last)).toMatchObject({ msg: "closed", signal: "SIGHUP" });
  });

  test("a terminal that is stopped stops nothing: lines are dropped, counted, and come again", async () => {
    const { pty, reported, ready } = inTerminal();
    await using _ = pty;
    const ask = await ready();
    pty.press("S");
    await eventually(async () => (await ask()).dropped > 0);
    expect((await ask()).reason).toMatch(/^nobody reads standard output; \d+ lines were dropped$/);
    pty.press("Q");
    await eventually(async () => (await ask()).reason === null);
    pty.press("S");
    const { dropped } = await ask();
    await eventually(async () => (await ask()).dropped !== dropped);
    process.kill(pty.child.pid, "SIGTERM");
    expect(await pty.exited).toBe(0);
    expect(await reported()).toMatch(/closing\nclosed\n$/);
  });

  test.each([
    [
      "on a terminal for people, in colour",
      "auto",
      {},
      /^\S+\d\d:\d\d:\d\d\S+ \S+INFO \S+ busy {2}\S+text=\S+xxx/m,
    ],
    [
      "without colours by NO_COLOR",
      "auto",
      { NO_COLOR: "1" },
      /^\d\d:\d\d:\d\d INFO {2}busy {2}text=xxx/m,
    ],
    ["JSON there where it is asked for", "json", {}, /^\{"level":30,"time":\d+,"text":"xxx/m],
  ])("the log is %s", async (_name, format, env, line) => {
    const { pty } = inTerminal(env, format);
    await using _ = pty;
    await pty.shows(line);
    pty.press("C");
    expect(await pty.exited).toBe(0);
  });

  test("the log is for people in a pipe too where it is asked for, without colours", async () => {
    await using standIn = new StandIn("pipe", "", [], "human");
    expect(await standIn.firstOfLog()).toMatch(/^\d\d:\d\d:\d\d INFO {2}busy {2}text=x+$/);
  });
});
