/** The exchange as people run it: in a terminal of their own. */
import { expect, test } from "bun:test";
import { Pty } from "../host/pty.ts";
import { AS_OPERATORS_DO, DataDir, ServerProcess } from "./server-process.ts";
import type { Members } from "./wire-client.ts";

/** Milliseconds since 1970. */
const EPOCH = /\b1\d{12}\b/;

/** The demo's process, below the exchange's. */
async function childOf(parent: number): Promise<number> {
  for (;;) {
    const children = await Bun.file(`/proc/${parent}/task/${parent}/children`).text();
    for (const child of children.trim().split(" ")) {
      const command = Bun.file(`/proc/${child}/cmdline`);
      const text = await command.text().catch(() => "");
      if (text.includes("demo-market")) return Number(child);
    }
  }
}

async function serveInTerminal(dataDir: string, ...args: string[]): Promise<Pty> {
  const config = `${dataDir}.toml`;
  await Bun.write(config, '[players]\nsource = "offline"\n');
  const options = ["--port", "0", "--data-dir", dataDir, "--config", config, ...args];
  return new Pty([...AS_OPERATORS_DO, "serve", ...options], { NO_COLOR: "1" });
}

test("the log is for people, says where to look, and Ctrl-C ends it in order, a second one too", async () => {
  await using dir = await DataDir.make();
  await using pty = await serveInTerminal(dir.path);
  await pty.shows(/ where to look .*\r\n/);
  pty.press("C");
  await pty.shows(/ draining /);
  pty.press("C");
  expect(await pty.exited).toBe(0);
  const lines = pty.text.replaceAll("^C", "").trim().split("\r\n");
  for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d (?:INFO|WARN) {2}\S/);
  expect(pty.text).not.toMatch(EPOCH);
  const port = / listening {2}port=(\d+) dataDir=(\S+)/.exec(pty.text)?.[1];
  const page = `http://127.0.0.1:${port}/`;
  expect(lines.find((line) => line.includes("where to look"))?.slice(15)).toBe(
    `where to look  page=${page} docs=${page}docs adminToken=${dir.path}/admin-token keys="waiver user create"`,
  );
  expect(lines.at(-1)).toMatch(/ closed {2}signal=SIGINT$/);
});

test("market makers that die are started again, and nothing is left when the terminal is closed", async () => {
  await using dir = await DataDir.make();
  {
    // A journal that is not new: the demo makes no past.
    await using _ = await ServerProcess.start(dir.path);
  }
  await using pty = await serveInTerminal(dir.path, "--demo");
  await pty.shows(/ where to look .* keys=\S+demo-accounts\.json\r\n/);
  const port = / listening {2}port=(\d+)/.exec(pty.text)?.[1];
  const makers = async (): Promise<Members> => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    const { components } = (await answer.json()) as { components: Members };
    return { http: answer.status, ...(components["market makers"] as Members) };
  };
  const before = await makers();
  expect(before).toEqual({ http: 200, status: "ok", since: expect.any(Number) });
  process.kill(await childOf(pty.child.pid), "SIGKILL");
  await pty.shows(/ INFO {2}trades again {2}process="market makers" restarts=1\r\n/);
  expect(pty.text).toMatch(
    / WARN {2}nobody makes a market until it is started again {2}process="market makers" reason="the process ended by SIGKILL"/,
  );
  // It was something else in between.
  const after = await makers();
  expect(after).toMatchObject({ http: 200, status: "ok" });
  expect(after.since).toBeGreaterThan(before.since as number);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toContain("\nwaiver_market_makers_restarts_total 1\n");

  const second = await childOf(pty.child.pid);
  pty.close();
  expect(await pty.exited).toBe(0);
  expect(() => process.kill(second, 0)).toThrow("ESRCH");
});

test("without a terminal each line is JSON, and where to look comes after listening", async () => {
  await using dir = await DataDir.make();
  const env = { WAIVER_ADMIN_TOKEN: "tok" };
  await using server = await ServerProcess.start(dir.path, { env });
  await server.logged("where to look");
  const { time, ...where } = server.log.at(-1) ?? {};
  expect(where).toEqual({
    ...{ level: 30, msg: "where to look", adminToken: "WAIVER_ADMIN_TOKEN" },
    ...{ page: `${server.url}/`, docs: `${server.url}/docs`, keys: "waiver user create" },
  });
  expect(server.log.at(-2)?.msg).toBe("listening");
  expect(server.output.split("\n").every((line) => line.startsWith("{"))).toBe(true);
});
