/** The runbook's procedures, as they stand there, on a real exchange: the compiled program, by bash. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../integration/free-port.ts";
import { putOneFile } from "./one-file.ts";

/** What an operator must find there, and see work. */
const PROCEDURES = [
  "Start",
  "Stop",
  "Back up",
  "Restore drill",
  "Upgrade",
  "Disk full",
  "Corrupt segment",
  "Lost key",
  "Hot symbol",
  "Abusive client",
  "Clock trouble",
  "Season roll-over",
];
/** Six starts, and everything that an operator does. */
const TIME_MAX_MS = 180_000;

interface Procedure {
  name: string;
  commands: string;
}

/** The procedures in the order of the page, the first without a name, each with the blocks marked `run`. */
async function readProcedures(): Promise<Procedure[]> {
  const page = await Bun.file("docs/RUNBOOK.md").text();
  const [part = ""] = page.split(/^## Procedures$/m).slice(1);
  const [all = ""] = part.split(/^## /m);
  return all.split(/^### /m).map((text, index) => ({
    name: index === 0 ? "" : text.slice(0, text.indexOf("\n")),
    commands: [...text.matchAll(/^```sh run\n([\s\S]*?)^```$/gm)]
      .map(([, code = ""]) => code)
      .join(""),
  }));
}

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "runbook-"));
  await mkdir(join(dir, "bin"));
  await mkdir(join(dir, "backups"));
  await putOneFile(join(dir, "bin/waiver"));
});
afterAll(() => rm(dir, { recursive: true }));

test("every procedure exists exactly once and has commands", async () => {
  const procedures = (await readProcedures()).filter(({ name }) => name !== "");
  expect(procedures.map(({ name }) => name)).toEqual(PROCEDURES);
  expect(procedures.filter(({ commands }) => commands === "")).toEqual([]);
});

test(
  "the commands of all of them work",
  async () => {
    const port = freePort();
    const config = join(dir, "waiver.toml");
    await Bun.write(config, `[gateway]\nport = ${port}\n[players]\nsource = "offline"\n`);
    const procedures = await readProcedures();
    const mark = (name: string): string => `\necho "=== ${name}"\n`;
    const script = procedures.map(({ name, commands }) => mark(name) + commands).join("");
    const end = '\necho "=== end"\nstop\n';
    const child = Bun.spawn(["bash", "-euo", "pipefail", "-c", script + end], {
      cwd: dir,
      env: {
        PATH: `${dir}/bin:${Bun.env.PATH}`,
        DATA: join(dir, "data"),
        CONFIG: config,
        LOG: join(dir, "log"),
        BACKUPS: join(dir, "backups"),
        URL: `http://127.0.0.1:${port}`,
        DRILL_PORT: String(freePort()),
        NO_COLOR: "1",
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      // What it started ends with it.
      detached: true,
    });
    try {
      const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
      const done = [...out.matchAll(/^=== (.*)$/gm)].map(([, name]) => name);
      expect({
        code: await child.exited,
        last: done.at(-1),
        said: `${out.split("\n").slice(-30).join("\n")}\n${err}`,
      }).toEqual({
        code: 0,
        last: "end",
        said: expect.any(String),
      });
    } finally {
      endGroup(child.pid);
    }
  },
  TIME_MAX_MS,
);

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All have ended.
  }
}
