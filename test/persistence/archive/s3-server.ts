/** A real S3 server for tests (`scripts/s3-server.sh`), on free ports and in its own folder. */

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { S3Location } from "../../../src/persistence/archive/s3-object-store.ts";
import { freePort } from "../../integration/free-port.ts";

const SCRIPT = join(import.meta.dir, "../../../scripts/s3-server.sh");

export const CREDENTIALS = {
  accessKeyId: "AKWAIVER",
  secretAccessKey: "SKWAIVERSECRET",
  sessionToken: "",
};

/** The environment variables with the keys, for the CLI and the exchange. */
export const CREDENTIALS_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
};

/** The time limit for the server's start and its first write. */
export const START_TIMEOUT_MS = 120_000;

/**
 * Whether the tests of the real server are skipped, which is logged in one line. In CI they never are: there
 * a missing server is a failure.
 */
export function skipsWithoutS3(): boolean {
  const isInstalled = ["radosgw", "ceph-mon", "ceph-osd"].every((name) => Bun.which(name) !== null);
  if (isInstalled || process.env.CI !== undefined) return false;
  process.stderr.write(
    "Tests of the S3 server are skipped; as root: scripts/s3-server.sh install\n",
  );
  return true;
}

export class S3Server implements AsyncDisposable {
  readonly endpoint: string;
  readonly #root: string;
  readonly #options: string[];
  #prefixes = 0;

  private constructor(
    root: string,
    readonly port: number,
    monitorPort: number,
  ) {
    this.#root = root;
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#options = ["--port", `${port}`, "--monitor-port", `${monitorPort}`];
    this.#options.push("--dir", join(root, "server"));
  }

  /** Its buckets are waiver-test, waiver-full, and waiver-lock, which can protect objects from removal. */
  static async start(): Promise<S3Server> {
    // The server's sockets are in its folder, and a socket's path may have at most 107 bytes.
    const root = await mkdtemp(join(existsSync("/tmp") ? "/tmp" : tmpdir(), "waiver-s3-"));
    const server = new S3Server(root, freePort(), freePort());
    try {
      await server.#script("start");
      await server.#createBucket("waiver-test");
      await server.#createBucket("waiver-full");
      await server.#createBucket("waiver-lock", { objectLock: true });
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** Settings with an unused prefix, in the bucket waiver-test unless `changes` says otherwise. */
  location(changes: Partial<S3Location> = {}): S3Location {
    return {
      bucket: "waiver-test",
      region: "us-east-1",
      endpoint: this.endpoint,
      prefix: `test/${++this.#prefixes}`,
      requestTimeoutMs: 20_000,
      credentials: CREDENTIALS,
      ...changes,
    };
  }

  /** Kills the server as a crash would. Stored objects stay. */
  stopGateway(): Promise<void> {
    return this.#script("stop-gateway");
  }

  startGateway(): Promise<void> {
    return this.#script("start-gateway");
  }

  /** The size limit of a bucket; null = no limit. */
  async setQuota(bucket: string, bytes: number | null): Promise<void> {
    const which = ["--quota-scope=bucket", `--bucket=${bucket}`];
    if (bytes === null) return await this.#script("admin", "quota", "disable", ...which);
    await this.#script("admin", "quota", "set", ...which, `--max-size=${bytes}`);
    await this.#script("admin", "quota", "enable", ...which);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#script("stop");
    await rm(this.#root, { recursive: true, force: true });
  }

  async #createBucket(bucket: string, { objectLock = false } = {}): Promise<void> {
    const client = new Bun.S3Client({ ...CREDENTIALS, endpoint: this.endpoint, bucket });
    // The client cannot create buckets, but a PUT to this URL, with the bucket in the path, does.
    const url = client.presign(bucket, { method: "PUT", virtualHostedStyle: true });
    const headers: Record<string, string> = objectLock
      ? { "x-amz-bucket-object-lock-enabled": "true" }
      : {};
    const answer = await fetch(url, { method: "PUT", headers });
    if (!answer.ok) throw new Error(`${bucket}: ${answer.status} ${await answer.text()}`);
  }

  async #script(verb: string, ...rest: string[]): Promise<void> {
    // A file and not a pipe: processes of the server keep it open, so a pipe would never end.
    const output = Bun.file(join(this.#root, "output"));
    const child = Bun.spawn(["bash", SCRIPT, verb, ...this.#options, "--", ...rest], {
      stdio: ["ignore", output, output],
    });
    const code = await child.exited;
    if (code !== 0) throw new Error(`s3-server.sh ${verb}: ${code}\n${await output.text()}`);
  }
}
