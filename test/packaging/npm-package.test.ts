/** The package of npm, installed into an empty folder, runs with Node and npm and nothing else. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packProgram } from "../../scripts/npm-package.ts";
import { ServerProcess } from "../integration/server-process.ts";

/** npm fetches Bun, which has a hundred megabytes. */
const TIME_MAX_MS = 180_000;

let dir: string;
let folder: string;
let path: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "npm-package-"));
  folder = join(dir, "empty");
  path = join(dir, "bin");
  await mkdir(folder);
  await mkdir(path);
  for (const name of ["node", "npm", "npx", "sh"]) {
    await symlink(Bun.which(name) ?? "", join(path, name));
  }
  const tarball = await packProgram(join(dir, "package"));
  const install = Bun.spawn(["npm", "install", "--no-audit", "--no-fund", tarball], {
    cwd: folder,
    env: { ...Bun.env, PATH: path },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([install.stdout.text(), install.stderr.text()]);
  if ((await install.exited) !== 0) throw new Error(out + err);
}, TIME_MAX_MS);
afterAll(() => rm(dir, { recursive: true }));

test(
  "npx starts it with the demo, its page and its processes, and it ends in order",
  async () => {
    await using server = await ServerProcess.start(join(dir, "data"), {
      program: ["npx", "waiver"],
      cwd: folder,
      env: { PATH: path },
      args: ["--demo"],
    });
    await server.logged("snapshot taken");
    const view = `${server.url}/players/SYMBOL_1`;
    const page = await (await fetch(view)).text();
    const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = ""]) => link);
    expect(links.length).toBeGreaterThan(1);
    const urls = links.map((link) => new URL(link, view).href);
    for (const url of [...urls, `${server.url}/docs/reference.js`]) {
      expect([url, (await fetch(url)).status]).toEqual([url, 200]);
    }
    // npx ends by itself; the exchange notices, and drains.
    await server.stop();
    expect(server.log.at(-1)?.msg).toBe("closed");
  },
  TIME_MAX_MS,
);
