import { expect, test } from "bun:test";
import { join } from "node:path";
import { launchersOf, type ProcessTable } from "../../src/host/launchers.ts";
import { linesOf } from "../../src/lib/lines.ts";

const PROGRAM = join(import.meta.dir, "launchers-program.ts");
/** Without what this test run itself may have from npm. */
const PLAIN = { PATH: Bun.env.PATH, HOME: Bun.env.HOME };

/** Starts a command below which the program runs; gives what that says first, and its further lines. */
async function launch(command: readonly string[]) {
  const launcher = Bun.spawn([...command], {
    env: PLAIN,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const lines = linesOf(launcher.stdout);
  const names = JSON.parse((await lines.next()).value ?? "null") as string[];
  return { launcher, lines, names };
}

test("the launchers are the parent processes with npm's variables, and the process above them", () => {
  const table: ProcessTable = {
    look: (pid) => {
      const known: Record<number, { parent: number; isLaunched: boolean }> = {
        50: { parent: 40, isLaunched: true },
        40: { parent: 30, isLaunched: true },
        30: { parent: 20, isLaunched: false },
        20: { parent: 1, isLaunched: false },
      };
      const found = known[pid];
      return found === undefined ? null : { ...found, since: `${pid}0` };
    },
  };
  expect(launchersOf(50, table)).toEqual([
    { pid: 40, since: "400" },
    { pid: 30, since: "300" },
  ]);
  expect([launchersOf(30, table), launchersOf(99, table)]).toEqual([[], []]);
});

test.skipIf(process.platform !== "linux")("started directly, nothing is watched", async () => {
  const { launcher, names } = await launch([process.execPath, PROGRAM]);
  expect(names).toEqual([]);
  launcher.kill("SIGKILL");
  await launcher.exited;
});

test.skipIf(process.platform !== "linux")(
  "below npm, the end of npm alone is noticed, though its children go on",
  async () => {
    // As npm does it: npm ─► sh with npm's variables ─► bun ─► the program.
    const below = `${process.execPath} -e 'await Bun.spawn([process.execPath, "${PROGRAM}"], { stdio: ["ignore", "inherit", "inherit"] }).exited'`;
    const npm = ["bash", "-c", `npm_config_user_agent=npm/0 sh -c "$0; true" & wait`, below];
    const { launcher, lines, names } = await launch(npm);
    expect(names).toEqual([expect.stringMatching(/^bun/), "sh", "bash"]);
    launcher.kill("SIGTERM");
    expect((await lines.next()).value).toBe("gone");
  },
);

/** Without network and a cache npx cannot find Bun. */
const hasNpx =
  Bun.which("npx") !== null &&
  Bun.spawnSync(["npx", "--offline", "-y", "bun@1.4.5", "--version"], { env: PLAIN }).exitCode ===
    0;

test.skipIf(!hasNpx)("a SIGTERM to npx itself is noticed", async () => {
  const { launcher, lines, names } = await launch(["npx", "--offline", "-y", "bun@1.4.5", PROGRAM]);
  expect(names.length).toBeGreaterThanOrEqual(2);
  launcher.kill("SIGTERM");
  expect((await lines.next()).value).toBe("gone");
});
