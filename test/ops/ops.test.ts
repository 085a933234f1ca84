/** The alert rules and the dashboard for Grafana name what there is, and the rules do what they say. */
import { expect, test } from "bun:test";
import { DataDir, ServerProcess } from "../integration/server-process.ts";

const ALERTS = "docs/ops/alerts.yml";

function findPromtool(): string | null {
  const { stdout, stderr, success } = Bun.spawnSync(["scripts/promtool.sh", "path"]);
  if (success) return stdout.toString().trim();
  if (process.env.CI !== undefined) throw new Error(stderr.toString());
  process.stderr.write(`Tests of the alert rules are skipped: ${stderr}`);
  return null;
}
const promtool = findPromtool();

test.each([ALERTS, "docs/ops/grafana.json"])(
  "every metric in %s is one of the exchange's",
  async (path) => {
    await using dir = await DataDir.make();
    await using server = await ServerProcess.start(dir.path);
    const page = await (await fetch(`${server.url}/metrics`)).text();
    const types = new Map(
      [...page.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]),
    );
    const text = await Bun.file(path).text();
    const named = [...new Set(text.match(/\bwaiver_\w+/g))];
    expect(named.length).toBeGreaterThan(10);
    const unknown = named.filter((name) => {
      const whole = name.replace(/_(?:bucket|sum|count)$/, "");
      return !types.has(name) && types.get(whole) !== "histogram";
    });
    expect(unknown).toEqual([]);
  },
);

test("every link of a rule leads to a heading of the runbook", async () => {
  const runbook = await Bun.file("docs/RUNBOOK.md").text();
  const headings = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
  const links = [...(await Bun.file(ALERTS).text()).matchAll(/RUNBOOK\.md#([\w-]+)/g)];
  expect(links.length).toBeGreaterThan(10);
  expect(links.map(([, link]) => link).filter((link) => !headings.includes(link ?? ""))).toEqual(
    [],
  );
});

test.skipIf(promtool === null)(
  "promtool finds the rules sound, and they fire when they should",
  () => {
    for (const args of [
      ["check", "rules", ALERTS],
      ["test", "rules", "docs/ops/alerts.test.yml"],
    ]) {
      const { exitCode, stdout, stderr } = Bun.spawnSync([promtool ?? "", ...args]);
      expect({ exitCode, said: exitCode === 0 ? "" : `${stdout}${stderr}` }).toEqual({
        exitCode: 0,
        said: "",
      });
    }
  },
);
