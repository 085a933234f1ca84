import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { copyFile, cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { ANSWERS, type AnswerName } from "../../src/admin/cli/answers.ts";
import { runHere } from "../admin/cli/run-here.ts";
import { eventually } from "../lib/eventually.ts";
import {
  CREDENTIALS,
  CREDENTIALS_ENVIRONMENT,
  S3Server,
  START_TIMEOUT_MS,
  skipsWithoutS3,
} from "../persistence/archive/s3-server.ts";
import { SlowProxy } from "../persistence/archive/slow-proxy.ts";
import { DataDir, type Ended, ServerProcess } from "./server-process.ts";
import { Venue } from "./venue.ts";

const OFFLINE = '[players]\nsource = "offline"\n';

/** An exchange that archives by itself. */
const CLOUD = '[persistence]\nbackend = "cloud"\n';

/** Users and keys are archived by a running exchange that has a key to seal them with. */
const KEY_ENVIRONMENT = { ...CREDENTIALS_ENVIRONMENT, WAIVER_ARCHIVE_KEY: "ab".repeat(32) };
const NO_USERS_WARNING =
  "warning: the archive has no users and keys as old as that. Put back a backup of identity.sqlite.\n";

/** What a push of a running exchange says. */
interface Pushed {
  readonly state: string;
  readonly confirmed_segment: number;
  readonly behind_segments: number;
}

/** What the admin API says of the state that a journal gives. */
interface State {
  readonly tick: number;
  readonly state_hash: string;
}

describe.skipIf(skipsWithoutS3())("the archive's commands", () => {
  let server: S3Server;
  let prefixes = 0;

  beforeAll(async () => {
    server = await S3Server.start();
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  }, START_TIMEOUT_MS);

  /** The configuration of an archive of its own. */
  function configuration({ bucket = "waiver-test", endpoint = server.endpoint, more = "" } = {}) {
    const prefix = `commands/${++prefixes}`;
    const cloud = `[persistence.cloud]\ns3_bucket = "${bucket}"\nprefix = "${prefix}"\nendpoint = "${endpoint}"\n`;
    return { url: `s3://${bucket}/${prefix}`, config: cloud + more + OFFLINE };
  }

  const bucket = () =>
    new Bun.S3Client({ ...CREDENTIALS, endpoint: server.endpoint, bucket: "waiver-test" });

  async function waiver(
    args: readonly string[],
    config: string,
    dir: string,
    env: Record<string, string> = CREDENTIALS_ENVIRONMENT,
  ): Promise<Ended & { error: string }> {
    const file = `${dir}.cli.toml`;
    await Bun.write(file, config);
    const { code, out, err } = await runHere(
      [...args, "--config", file, "--data-dir", dir],
      {},
      { env },
    );
    return { output: out, error: err, exitCode: code };
  }

  async function json(
    args: readonly string[],
    config: string,
    dir: string,
  ): Promise<Record<string, unknown>> {
    const { output, error, exitCode } = await waiver([...args, "--json"], config, dir);
    if (exitCode !== 0) throw new Error(`waiver ${args.join(" ")}: ${error}${output}`);
    const answer: unknown = JSON.parse(output);
    const [verb = "", noun = ""] = args;
    const name = (verb === "restore" ? verb : `${verb} ${noun}`) as AnswerName;
    expect({ name, faults: [...Value.Errors(ANSWERS[name], answer)] }).toEqual({
      name,
      faults: [],
    });
    return answer as Record<string, unknown>;
  }

  /** An exchange on which somebody rested some orders, stopped. Gives the state it ended in. */
  async function trade(venue: Venue, config: string): Promise<State> {
    const user = await venue.user({ cash: 1_000_000 });
    using client = await venue.connect("/orders", "json", user);
    const symbol = venue.symbol();
    for (let price = 1; price <= 20; price++) {
      const order = { symbol, side: "BUY", type: "LIMIT", price, quantity: 1 };
      await client.result("order.place", order);
    }
    expect(config).toContain("[persistence.cloud]");
    const state = await venue.server.ask<State>("GET", "/state");
    await venue.server.stop();
    return state;
  }

  async function stateAfterStart(dir: string, config: string): Promise<State> {
    await using restored = await ServerProcess.start(dir, { config });
    return await restored.ask<State>("GET", "/state");
  }

  test("after push, verify, a wiped disk and a restore the state is the same", async () => {
    const { url, config } = configuration();
    await using venue = await Venue.open({ config });
    const dir = venue.dataDir;
    const empty = await json(["archive", "status"], config, dir);
    expect(empty).toMatchObject({ archive: `${url}/`, exchange_id: "none yet", segments: 0 });

    const before = await trade(venue, config);
    const pushed = await json(["archive", "push"], config, dir);
    expect(pushed).toMatchObject({ sealed_and_not_archived: 0 });
    expect(pushed.segments).toBe(pushed.local_segments);
    const verified = await json(["archive", "verify"], config, dir);
    expect(verified).toMatchObject({ segments: pushed.segments, faults: [], unnamed: [] });

    const identity = join(dir, "identity.sqlite");
    const kept = `${dir}.identity`;
    await copyFile(identity, kept);
    await rm(dir, { recursive: true });
    const restore = await waiver(["restore", "--from", url], config, dir);
    expect([restore.exitCode, restore.error]).toEqual([0, NO_USERS_WARNING]);
    expect(restore.output).toContain(
      "Put identity.sqlite into the new directory, then start it: waiver serve --config ",
    );
    expect(restore.output).toContain(` --data-dir ${dir}\n`);
    await copyFile(kept, identity);

    const after = await stateAfterStart(dir, config);
    expect([after.tick >= before.tick, after.state_hash]).toEqual([true, before.state_hash]);
  });

  test("a restore to a tick gives the state after that tick", async () => {
    const { url, config } = configuration();
    await using venue = await Venue.open({ config });
    const user = await venue.user({ cash: 1000 });
    const then = await venue.server.ask<State>("GET", "/state");
    await venue.server.ask("POST", `/accounts/${user.account_id}/deposit`, { cash: 5 });
    const later = await venue.server.ask<State>("GET", "/state");
    expect(later.state_hash).not.toBe(then.state_hash);
    await venue.server.stop();
    await json(["archive", "push"], config, venue.dataDir);

    await using target = await DataDir.make();
    const args = ["restore", "--from", url, "--to-tick", String(then.tick)];
    const restored = await json(args, config, target.path);
    expect(restored).toMatchObject({ last_tick: then.tick, identity: "absent" });
    await copyFile(join(venue.dataDir, "identity.sqlite"), join(target.path, "identity.sqlite"));
    const state = await stateAfterStart(target.path, config);
    expect(state.state_hash).toBe(then.state_hash);

    const again = await waiver(["restore", "--from", url], config, target.path);
    expect([again.exitCode, again.error.includes("is not empty")]).toEqual([1, true]);
  });

  test("after kill -9 the segment in use is left out, and the next start frees it", async () => {
    const { config } = configuration();
    await using venue = await Venue.open({ config });
    await venue.user({ cash: 1000 });
    await venue.server.kill();
    const cut = await waiver(["archive", "push"], config, venue.dataDir);
    expect(cut.exitCode).toBe(0);
    expect(cut.error).toContain("was not closed in an orderly way");
    await venue.restart();
    await venue.server.stop();
    const pushed = await json(["archive", "push"], config, venue.dataDir);
    expect(pushed).toMatchObject({ sealed_and_not_archived: 0 });
    expect(pushed.segments).toBe(pushed.local_segments);
  });

  test("status says that what the archive has is not what is on disk", async () => {
    const { url, config } = configuration();
    await using venue = await Venue.open({ config });
    await venue.user({ cash: 1000 });
    await venue.server.stop();
    await using copy = await DataDir.make();
    await cp(venue.dataDir, copy.path, { recursive: true });
    await venue.restart();
    await venue.user({ cash: 2000 });
    await venue.server.stop();
    await json(["archive", "push"], config, venue.dataDir);
    expect((await waiver(["archive", "status"], config, venue.dataDir)).exitCode).toBe(0);
    await rm(venue.dataDir, { recursive: true });
    await cp(copy.path, venue.dataDir, { recursive: true });
    await venue.restart();
    await venue.user({ cash: 3000 });
    await venue.server.stop();
    const other = await waiver(["archive", "status"], config, venue.dataDir);
    expect(other.error).toContain(`${url}/ holds another history`);
    expect(other.exitCode).toBe(1);
  });

  test("a segment that a new manifest lacks is reported as missing until it is uploaded again", async () => {
    const { url, config } = configuration();
    await using venue = await Venue.open({ config });
    await venue.user({ cash: 1000 });
    await venue.server.admin("POST", "/snapshot");
    await venue.user({ cash: 1000 });
    await venue.server.stop();
    const dir = venue.dataDir;
    const { segments } = await json(["archive", "push"], config, dir);
    const objects = url.slice("s3://waiver-test/".length);
    await bucket().delete(`${objects}/manifest.json`);
    await bucket().write(`${objects}/wal/wal_000001.log.zst`, "not a segment");
    const local = join(dir, "wal/wal_000001.log");
    const kept = await Bun.file(local).bytes();
    await Bun.write(local, kept.toReversed());
    expect((await waiver(["archive", "push"], config, dir)).exitCode).toBe(1);
    const left = { segments: Number(segments) - 1, sealed_and_not_archived: 1 };
    expect(await json(["archive", "status"], config, dir)).toMatchObject(left);
    await Bun.write(local, kept);
    const whole = { segments, sealed_and_not_archived: 0 };
    expect(await json(["archive", "push"], config, dir)).toMatchObject(whole);
    expect(await json(["archive", "verify"], config, dir)).toMatchObject({ segments, faults: [] });
  });

  test("an object that was altered is named, with exit code 1", async () => {
    const { url, config } = configuration();
    await using venue = await Venue.open({ config });
    await venue.server.stop();
    await json(["archive", "push"], config, venue.dataDir);
    const object = `${url}/wal/wal_000001.log.zst`;
    await bucket().write(object.slice("s3://waiver-test/".length), "not a segment");
    const verify = await waiver(["archive", "verify"], config, venue.dataDir);
    expect(verify.exitCode).toBe(1);
    expect(verify.output).toContain(`${object}: `);
    expect(verify.error).toContain("1 fault found");
    await using target = await DataDir.make();
    const args = ["restore", "--from", url, "--to-tick", "1"];
    const restore = await waiver(args, config, target.path);
    expect([restore.exitCode, restore.error.includes(object)]).toEqual([1, true]);
  });

  test("each error says what to do about it", async () => {
    await using dir = await DataDir.make();
    const place = configuration();
    const missing = configuration({ bucket: "waiver-none" });
    const dead = configuration({ endpoint: "http://127.0.0.1:1" });
    const wrong = { ...CREDENTIALS_ENVIRONMENT, AWS_SECRET_ACCESS_KEY: "WRONG" };
    const status = ["archive", "status"];
    const cases: [Ended & { error: string }, string][] = [
      [await waiver(status, place.config, dir.path, {}), "set AWS_ACCESS_KEY_ID"],
      [await waiver(status, place.config, dir.path, wrong), "Check AWS_ACCESS_KEY_ID"],
      [await waiver(status, missing.config, dir.path), "Create the bucket"],
      [await waiver(status, dead.config, dir.path), "persistence.cloud.endpoint"],
      [await waiver(["restore", "--from", place.url], place.config, dir.path), "holds no archive"],
      [
        await waiver(["restore", "--from", "s3://waiver-none"], place.config, dir.path),
        "--from of",
      ],
      [await waiver(["restore", "--from", "/tmp"], place.config, dir.path), "s3://bucket/prefix"],
    ];
    for (const [{ exitCode, error }, words] of cases) {
      expect([exitCode > 0, error.includes(words), error]).toEqual([true, true, error]);
      expect(error).not.toMatch(/\n\s+at .*:\d+:\d+/);
    }
    expect(await readdir(dir.root)).not.toContain("data");
  });

  test("a running exchange archives by itself, and `archive push` asks it to when it uses the directory", async () => {
    const { url, config } = configuration({ more: CLOUD });
    await using venue = await Venue.open({ config, env: KEY_ENVIRONMENT });
    const user = await venue.user({ cash: 1000 });
    const { server: exchange } = venue;
    const push = ["archive", "push", "--url", exchange.url];
    const asked = await waiver([...push, "--json"], config, venue.dataDir);
    expect(asked.error).toContain("An exchange runs on");
    expect(JSON.parse(asked.output)).toMatchObject({ state: "ok", reason: null, url: `${url}/` });
    // Without --url it is where its configuration says.
    const { port } = new URL(exchange.url);
    const itsOwn = `${config}[gateway]\nport = ${port}\n`;
    const found = await waiver(["archive", "push"], itsOwn, venue.dataDir);
    expect([found.exitCode, found.error]).toEqual([
      0,
      expect.stringContaining(`asking it at http://127.0.0.1:${port}.`),
    ]);
    const pushed = await exchange.ask<Pushed>("POST", "/archive/push");
    expect(pushed).toMatchObject({ state: "ok", behind_segments: 0 });
    expect(pushed.confirmed_segment).toBeGreaterThan(0);
    await exchange.kill();

    await using target = await DataDir.make();
    const local = config.replace(CLOUD, "");
    const args = ["restore", "--from", url, "--json"];
    const restore = await waiver(args, local, target.path, KEY_ENVIRONMENT);
    expect([restore.exitCode, restore.error]).toEqual([0, ""]);
    const restored = JSON.parse(restore.output);
    expect(restored).toMatchObject({ identity: "restored" });
    expect(restored.segments).toBeGreaterThan(0);
    await using again = await ServerProcess.start(target.path, { config: local });
    const { users } = await again.ask<{ users: unknown[] }>("GET", "/users");
    expect(users).toEqual([expect.objectContaining({ user_id: user.user_id })]);
  });

  test("a start after a killed restore is refused, and what its message says makes another restore possible", async () => {
    const { url, config } = configuration({ more: CLOUD });
    await using venue = await Venue.open({ config, env: KEY_ENVIRONMENT });
    const user = await venue.user({ cash: 1000 });
    await venue.server.ask("POST", "/snapshot");
    const before = await venue.server.ask<State>("GET", "/state");
    await venue.server.ask("POST", "/archive/push");
    await venue.server.kill();

    await using target = await DataDir.make();
    await using proxy = await SlowProxy.start(server.port);
    const local = config.replace(CLOUD, "");
    const file = `${target.path}.slow.toml`;
    await Bun.write(file, local.replace(server.endpoint, proxy.endpoint));
    const args = ["restore", "--from", url];
    // Beyond the manifest, within the snapshot.
    const held = 6000;
    proxy.holdAnswersAfter(held);
    const reached = proxy.answered(held + 1);
    const child = Bun.spawn(
      [process.execPath, "src/main.ts", ...args, "--config", file, "--data-dir", target.path],
      { env: { ...process.env, ...KEY_ENVIRONMENT }, stdout: "ignore", stderr: "ignore" },
    );
    await reached;
    const walDir = join(target.path, "wal");
    await eventually(() => existsSync(join(walDir, "restore-unfinished")));
    child.kill("SIGKILL");
    await child.exited;
    const words = "the snapshots' and the identity.sqlite that it made, and restore again";
    const started = await ServerProcess.startAndFail(target.path, { config: local });
    expect([started.exitCode, started.output]).toEqual([1, expect.stringContaining(words)]);
    const restore = () => waiver(args, local, target.path, KEY_ENVIRONMENT);
    expect(await restore()).toMatchObject({ exitCode: 1, error: expect.stringContaining(words) });

    await rm(walDir, { recursive: true });
    await rm(join(target.path, "snapshots"), { recursive: true });
    // As one that is killed a little later leaves it.
    const identity = join(target.path, "identity.sqlite");
    await copyFile(join(venue.dataDir, "identity.sqlite"), identity);
    const refused = await restore();
    expect(refused.error).toContain(`${identity} is there already`);
    expect([refused.exitCode, existsSync(walDir)]).toEqual([1, false]);
    await rm(identity);
    expect(await restore()).toMatchObject({ exitCode: 0, error: "" });
    await using again = await ServerProcess.start(target.path, { config: local });
    const { users } = await again.ask<{ users: unknown[] }>("GET", "/users");
    expect(users).toEqual([expect.objectContaining({ user_id: user.user_id })]);
    expect((await again.ask<State>("GET", "/state")).state_hash).toBe(before.state_hash);
  });

  test("an exchange whose archive does not answer trades on, and its health says so", async () => {
    const { config } = configuration({ endpoint: "http://127.0.0.1:1", more: CLOUD });
    await using venue = await Venue.open({ config, env: CREDENTIALS_ENVIRONMENT });
    const { server: exchange } = venue;
    const pushed = await exchange.ask<Pushed>("POST", "/archive/push");
    expect(pushed).toMatchObject({ state: "degraded", confirmed_segment: 0 });
    const ready = await fetch(`${exchange.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      expect.objectContaining({
        status: "degraded",
        components: expect.objectContaining({
          archive: {
            status: "degraded",
            reason: expect.stringContaining("persistence.cloud.endpoint"),
            since: expect.any(Number),
          },
        }),
      }),
    ]);
    const user = await venue.user({ cash: 1000 });
    using client = await venue.connect("/orders", "json", user);
    const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
    await client.result("order.place", order);
    expect((await client.result("orders.open")).orders).toBeArrayOfSize(1);
    const command = ["archive", "push", "--url", exchange.url];
    const asked = await waiver(command, config, venue.dataDir);
    expect([asked.exitCode, asked.error.includes("Archiving failed")]).toEqual([1, true]);
  });

  test("a push that the server's death cut off is completed by the next", async () => {
    await using proxy = await SlowProxy.start(server.port);
    const { config } = configuration();
    const slowly = config.replace(server.endpoint, proxy.endpoint);
    await using venue = await Venue.open({ config });
    await trade(venue, config);
    proxy.holdAfter(3000);
    const sent = proxy.sent(3000);
    const push = waiver(["archive", "push"], slowly, venue.dataDir);
    await sent;
    await server.stopGateway();
    const failed = await push;
    expect([failed.exitCode, failed.error.includes("no answer")]).toEqual([1, true]);
    await server.startGateway();
    const pushed = await json(["archive", "push"], config, venue.dataDir);
    expect(pushed).toMatchObject({ sealed_and_not_archived: 0 });
    expect(await json(["archive", "verify"], config, venue.dataDir)).toMatchObject({ faults: [] });
  });
});
