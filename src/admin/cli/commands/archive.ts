import { type ArchiveConfig, type Config, originOf } from "../../../config/config.ts";
import type { Log } from "../../../lib/log.ts";
import { ArchiveIndex } from "../../../persistence/archive/archive-index.ts";
import { ArchiveWriter, requireSameHistory } from "../../../persistence/archive/archive-writer.ts";
import {
  localSegments,
  localSnapshots,
  sealedSegments,
} from "../../../persistence/archive/local-files.ts";
import { S3ObjectStore } from "../../../persistence/archive/s3-object-store.ts";
import { type Verification, verifyArchive } from "../../../persistence/archive/verify-archive.ts";
import { DirectoryLock, JournalLockedError } from "../../../persistence/wal/lock.ts";
import { request, UNIX_PREFIX } from "../admin-client.ts";
import { CliError } from "../cli-error.ts";
import { example } from "../example.ts";
import { CONFIG_OPTION, configOf } from "../journal-options.ts";
import { columns, counted, date, fields, print } from "../output.ts";
import { withBar } from "../progress.ts";
import type { Program } from "../root-command.ts";
import type { Terminal } from "../terminal.ts";

type Persistence = Config["persistence"];

export function addArchiveCommands(program: Program): void {
  const archive = program
    .command("archive")
    .description(
      "Looks after the journal's copy on an S3 server, whether or not an exchange runs.",
    );

  archive
    .command("status")
    .description(
      "Shows what the archive has, and what is on disk and not yet there. Exit code 1 when the archive holds another history.",
    )
    .option(...CONFIG_OPTION)
    .addHelpText("after", example("archive status --config waiver.toml"))
    .action(async ({ config }) => {
      const { persistence } = configOf(program, config);
      print(program, "archive status", await statusOf(persistence), (status) => fields(status));
      await checkHistory(persistence);
    });

  archive
    .command("push")
    .description("Uploads what the archive lacks. A running exchange is asked to do it.")
    .option(...CONFIG_OPTION)
    .addHelpText("after", example("archive push --config waiver.toml"))
    .action(async ({ config }) => {
      const { persistence, gateway, dataDir } = configOf(program, config);
      const isPushed = await pushFromDisk(persistence, program.terminal);
      if (isPushed) {
        print(program, "archive push", await statusOf(persistence), renderAnswer);
        return;
      }
      const configured = urlOf(gateway);
      if (program.getOptionValueSource("url") !== "cli" && configured !== null) {
        program.setOptionValue("url", configured);
      }
      const { url } = program.opts();
      program.terminal.err(`An exchange runs on ${persistence.walDir}: asking it at ${url}.\n`);
      program.setOptionValue("dataDir", dataDir);
      const answer = await request(program, "POST /admin/v1/archive/push");
      print(program, "archive push", answer, renderAnswer);
      if (answer.state !== "ok") throw new CliError(`Archiving failed: ${answer.reason}`);
    });

  archive
    .command("verify")
    .description("Downloads the whole archive and checks every hash, and the chain of all records.")
    .option(...CONFIG_OPTION)
    .addHelpText("after", example("archive verify --config waiver.toml"))
    .action(async ({ config }) => {
      const store = openStore(configOf(program, config).persistence.archive);
      const verification = await withBar(program.terminal, "verifying", (bar) =>
        verifyArchive(store, ({ done, total, key }) => bar.update(done, total, key)),
      );
      if (verification === null) throw new CliError(`${store.url} holds no archive.`);
      print(program, "archive verify", verificationBody(verification), renderVerification);
      const { faults } = verification;
      if (faults.length > 0) {
        throw new CliError(`${counted(faults.length, "fault", "faults")} found.`);
      }
    });
}

/** The address of an exchange with these settings; null when its port is not fixed. */
function urlOf(gateway: Config["gateway"]): string | null {
  if (gateway.adminSocket !== null) return `${UNIX_PREFIX}${gateway.adminSocket}`;
  return gateway.port === 0 ? null : originOf(gateway, gateway.port);
}

/** The archive's store. Throws `CliError` when the environment has no keys for it. */
export function openStore(archive: ArchiveConfig): S3ObjectStore {
  const { accessKeyId, secretAccessKey } = archive.credentials;
  if (accessKeyId === "" || secretAccessKey === "") {
    throw new CliError(
      "No keys for the S3 server: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.",
    );
  }
  return new S3ObjectStore(archive);
}

async function statusOf({ walDir, snapshotDir, archive }: Persistence) {
  const store = openStore(archive);
  const index = await ArchiveIndex.open(store);
  const entries = (await index?.entries()) ?? [];
  const segment = (await index?.lastSegment()) ?? null;
  const snapshot = (await index?.lastSnapshot()) ?? null;
  const segments = entries.filter((entry) => entry.kind === "segment");
  const archived = new Set(segments.map(({ number }) => number));
  const lacking = (await sealedSegments(walDir)).filter((number) => !archived.has(number));
  return {
    archive: store.url,
    exchange_id: index?.exchangeId ?? "none yet",
    segments: segments.length,
    last_segment: segment?.number ?? 0,
    last_tick: segment?.last_tick ?? 0,
    last_time: date(segment?.last_timestamp ?? null, "never"),
    snapshots: entries.length - segments.length,
    last_snapshot_tick: snapshot?.tick ?? 0,
    compressed_bytes: entries.reduce((sum, { compressed_bytes }) => sum + compressed_bytes, 0),
    local_segments: (await localSegments(walDir)).length,
    local_snapshots: (await localSnapshots(snapshotDir)).length,
    sealed_and_not_archived: lacking.length,
  };
}

/** Rejects when the archive has another history than the disk: what it has is then no copy of what is here. */
async function checkHistory({ walDir, archive }: Persistence): Promise<void> {
  const store = openStore(archive);
  const index = await ArchiveIndex.open(store);
  const last = (await index?.lastSegment())?.number ?? 0;
  const shared = (await sealedSegments(walDir)).findLast((number) => number <= last);
  if (index && shared) await requireSameHistory(index, store.url, walDir, shared);
}

/** Uploads what is on disk; returns false, and does nothing, when an exchange runs on it. */
async function pushFromDisk(
  { walDir, snapshotDir, archive }: Persistence,
  terminal: Terminal,
): Promise<boolean> {
  const store = openStore(archive);
  let lock: DirectoryLock;
  try {
    lock = new DirectoryLock(walDir);
  } catch (error) {
    if (error instanceof JournalLockedError) return false;
    throw error;
  }
  try {
    const sealed = await sealedSegments(walDir);
    const snapshots = await localSnapshots(snapshotDir);
    const writer = new ArchiveWriter({
      store,
      walDir,
      snapshotDir,
      retentionDays: archive.retentionDays,
      sealedSegments: () => sealed,
      snapshots: () => snapshots,
      log: terminalLog(terminal),
    });
    await writer.catchUp();
    const unsealed = (await localSegments(walDir)).filter((number) => !sealed.includes(number));
    if (unsealed.length > 0) {
      terminal.err(
        `Segment ${unsealed[0]} was not closed in an orderly way and was left out: start the exchange once, then push again.\n`,
      );
    }
    return true;
  } finally {
    lock.release();
  }
}

/** A log that shows the person at the terminal what is done. */
function terminalLog(terminal: Terminal): Log {
  const say = (level: string) => (line: object, message: string) =>
    terminal.err(`${level}${lineOf(line, message)}\n`);
  return { info: say(""), warn: say("warning: "), error: say("error: ") };
}

function lineOf(line: object, message: string): string {
  const values = Object.entries(line).map(([name, value]) => `${name} ${value}`);
  return `${message}: ${values.join(", ")}`;
}

/** Members whose names end in `_at` are times, which are shown as dates. */
function renderAnswer(answer: Readonly<Record<string, string | number | null>>): string {
  const shown = Object.entries(answer).map(([name, value]) => {
    const isMoment = name.endsWith("_at") && typeof value === "number";
    return [name, isMoment ? date(value, "never") : (value ?? "none")];
  });
  return fields(Object.fromEntries(shown));
}

/** The verification with the member names of the other commands. */
function verificationBody(verification: Verification) {
  const { exchangeId, segments, snapshots, firstTick, lastTick, compressedBytes } = verification;
  return {
    exchange_id: exchangeId,
    segments,
    snapshots,
    first_tick: firstTick,
    last_tick: lastTick,
    compressed_bytes: compressedBytes,
    faults: verification.faults,
    unnamed: verification.unnamed,
  };
}

function renderVerification({
  faults,
  unnamed,
  ...plain
}: ReturnType<typeof verificationBody>): string {
  const tables = [fields(plain)];
  if (unnamed.length > 0) {
    const rows = unnamed.map((key) => [key]);
    tables.push(columns(["not in the manifest: an upload that was not finished"], rows));
  }
  if (faults.length > 0) tables.push(faults.join("\n"));
  return tables.join("\n");
}
