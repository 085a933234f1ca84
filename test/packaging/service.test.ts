/** The unit for systemd, as systemd sees it. */
import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataDir, ServerProcess } from "../integration/server-process.ts";

const UNIT = "docs/ops/waiver.service";
/** Of 10, as `systemd-analyze security` counts what a service could still do. */
const EXPOSURE_MAX = 1.5;

function findAnalyze(): string | null {
  const { stdout, stderr, success } = Bun.spawnSync(["scripts/systemd.sh", "path"]);
  if (success) return stdout.toString().trim();
  if (process.env.CI !== undefined) throw new Error(stderr.toString());
  process.stderr.write(`Tests of the unit are skipped: ${stderr}`);
  return null;
}
const analyze = findAnalyze() ?? "";

test.skipIf(analyze === "")("the unit is sound (skipped without systemd-analyze)", async () => {
  const dir = await mkdtemp(join(tmpdir(), "service-"));
  const unit = join(dir, "waiver.service");
  const text = await Bun.file(UNIT).text();
  // It looks for the program, which is not installed here.
  await Bun.write(unit, text.replace("ExecStart=/usr/local/bin/waiver", `ExecStart=${analyze}`));
  const { exitCode, stderr } = Bun.spawnSync([analyze, "verify", "--man=no", unit]);
  await rm(dir, { recursive: true });
  expect([exitCode, stderr.toString()]).toEqual([0, ""]);
});

test.skipIf(analyze === "")(
  "it leaves the service little (skipped without systemd-analyze)",
  () => {
    const threshold = `--threshold=${EXPOSURE_MAX * 10}`;
    const { exitCode, stdout } = Bun.spawnSync([
      ...[analyze, "security", "--offline=true", threshold, UNIT],
    ]);
    expect([exitCode, stdout.toString().split("\n").at(-2)]).toEqual([
      0,
      expect.stringContaining("Overall exposure level"),
    ]);
  },
);

test("the exchange accepts every setting of the environment file", async () => {
  const text = await Bun.file("docs/ops/waiver.env").text();
  const settings = [...text.matchAll(/^#?(WAIVER_\w+|AWS_\w+)=(.*)$/gm)].map(
    ([, name = "", value = ""]): [string, string] => [name, value],
  );
  expect(settings.length).toBeGreaterThan(3);
  await using dir = await DataDir.make();
  const secret = "0".repeat(64);
  const env = Object.fromEntries(settings.map(([name, value]) => [name, value || secret]));
  await using server = await ServerProcess.start(dir.path, { env });
  const state = await fetch(`${server.url}/admin/v1/state`, {
    headers: { Authorization: `Bearer ${secret}` },
  });
  expect(state.status).toBe(200);
});
