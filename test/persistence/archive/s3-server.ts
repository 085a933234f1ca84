/** A real S3 server for tests, of `scripts/s3-server.sh`, on free ports and in a folder of its own. */

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

/** How the CLI and the exchange get the keys. */
export const CREDENTIALS_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
};

/** Waiting for the server to start, and for its first write after that. */
export const START_TIMEOUT_MS = 120_000;

/**
 * Whether tests of the real server are skipped here, which they say in one line. In CI they are not:
 * there a server that is missing is a failure.
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

  /** With the buckets waiver-test, waiver-full, and waiver-lock, which can keep objects from being removed. */
  static async start(): Promise<S3Server> {
    // The server's sockets lie in its folder, and their names may be 107 bytes long.
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

  /** Where nothing is yet, in waiver-test unless `changes` says otherwise. */
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

  /** Ends the server as a crash would; what was stored stays. */
  stopGateway(): Promise<void> {
    return this.#script("stop-gateway");
  }

  startGateway(): Promise<void> {
    return this.#script("start-gateway");
  }

  /** How much a bucket may hold; null = no limit. */
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
    // The client creates no buckets; with the bucket in the path this URL is the one that does.
    const url = client.presign(bucket, { method: "PUT", virtualHostedStyle: true });
    const headers: Record<string, string> = objectLock
      ? { "x-amz-bucket-object-lock-enabled": "true" }
      : {};
    const answer = await fetch(url, { method: "PUT", headers });
    if (!answer.ok) throw new Error(`${bucket}: ${answer.status} ${await answer.text()}`);
  }

  async #script(verb: string, ...rest: string[]): Promise<void> {
    // A file and no pipe: the server's processes go on with it, and a pipe would never end.
    const output = Bun.file(join(this.#root, "output"));
    const child = Bun.spawn(["bash", SCRIPT, verb, ...this.#options, "--", ...rest], {
      stdio: ["ignore", output, output],
    });
    const code = await child.exited;
    if (code !== 0) throw new Error(`s3-server.sh ${verb}: ${code}\n${await output.text()}`);
  }
}
