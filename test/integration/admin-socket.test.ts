/** The admin API on a Unix socket. */
import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataDir, ServerProcess } from "./server-process.ts";
import { Venue } from "./venue.ts";
import { waiver } from "./waiver-command.ts";

const configOf = (path: string): string => `[gateway]\nadmin_socket = ${JSON.stringify(path)}\n`;

test("commands reach the exchange by its Unix socket, which only its user can open, also after kill -9", async () => {
  const dir = mkdtempSync(join(tmpdir(), "socket-"));
  const path = join(dir, "admin.sock");
  await using venue = await Venue.open({ config: configOf(path) });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const run = (...args: string[]) =>
    waiver(...args, "--url", `unix:${path}`, "--data-dir", venue.dataDir);
  const made = await run("user", "create", "--name", "ann", "--json");
  expect([made.code, made.err]).toEqual([0, ""]);
  const { users } = JSON.parse((await run("user", "list", "--json")).out) as { users: object[] };
  expect(users).toEqual([expect.objectContaining({ name: "ann" })]);

  const wrong = await run("state", "--token", "no");
  expect([wrong.code, wrong.out]).toEqual([1, ""]);
  expect(wrong.err).toStartWith(`waiver: The exchange at unix:${path} refused the admin token`);
  // Nothing else is served there.
  const page = await fetch("http://localhost/healthz", { unix: path });
  expect(page.status).toBe(404);
  const dashboard = await run("dashboard");
  expect([dashboard.code, dashboard.err]).toEqual([
    2,
    expect.stringContaining("which the admin socket does not have"),
  ]);

  await venue.server.kill();
  expect(existsSync(path)).toBe(true);
  const away = await run("state");
  expect([away.code, away.err]).toEqual([
    1,
    expect.stringContaining(`No exchange answers at unix:${path} (`),
  ]);
  await venue.restart();
  expect((await run("state")).code).toBe(0);
  expect(await venue.server.stop()).toBe(0);
  expect(existsSync(path)).toBe(false);
  rmSync(dir, { recursive: true });
});

test("a socket that cannot be made stops the start, and removes nothing", async () => {
  await using dir = await DataDir.make();
  const file = join(dir.root, "file");
  writeFileSync(file, "mine");
  for (const [path, reason] of [
    [file, "a file of this name exists already; it is no socket, or another process uses it"],
    [join(dir.root, "none", "admin.sock"), "its directory is not there"],
    [join(dir.root, "x".repeat(120)), "the path of a socket has 107 bytes at most"],
  ] as const) {
    const { exitCode, output } = await ServerProcess.startAndFail(dir.path, {
      config: configOf(path),
    });
    expect(exitCode).toBe(1);
    expect(output).toContain(
      `The exchange cannot start: gateway.admin_socket = ${JSON.stringify(path)}: cannot listen: ${reason}`,
    );
  }
  expect(await Bun.file(file).text()).toBe("mine");
});
