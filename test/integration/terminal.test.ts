/** The exchange as people run it: in a terminal of their own. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { Pty } from "../host/pty.ts";
import { DataDir, ServerProcess } from "./server-process.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");

/** Milliseconds since 1970. */
const EPOCH = /\b1\d{12}\b/;

async function serveInTerminal(dataDir: string, ...args: string[]): Promise<Pty> {
  const config = `${dataDir}.toml`;
  await Bun.write(config, '[players]\nsource = "offline"\n');
  const options = ["--port", "0", "--data-dir", dataDir, "--config", config, ...args];
  return new Pty([process.execPath, MAIN, "serve", ...options], { NO_COLOR: "1" });
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
