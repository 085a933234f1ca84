import { join } from "node:path";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { leftOfFile } from "../../../host/sqlite-log.ts";
import { restoreCopy } from "../../../identity/identity-copy.ts";
import { IDENTITY_FILE } from "../../../identity/identity-store.ts";
import { type Restored, restoreArchive } from "../../../persistence/archive/restore-archive.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { example } from "../example.ts";
import { configOf } from "../journal-options.ts";
import { date, fields, print } from "../output.ts";
import { parseDate, parseInteger } from "../parse.ts";
import { withBar } from "../progress.ts";
import type { Program } from "../root-command.ts";
import { openStore } from "./archive.ts";

const IDENTITY_WARNINGS = {
  absent: `warning: the archive has no users and keys as old as that. Put back a backup of ${IDENTITY_FILE}.`,
  "no-key": `warning: users and keys are in the archive, and there is no WAIVER_ARCHIVE_KEY to read them with. Put back a backup of ${IDENTITY_FILE}, or restore again with the key.`,
  "not-asked": "",
};

export function addRestoreCommand(program: Program): void {
  program
    .command("restore")
    .description("Makes the journal and snapshot of a new data directory from an archive.")
    .requiredOption("--from <url>", "the archive, s3://bucket/prefix", parseLocation)
    .option("--to-tick <n>", "the last tick to restore (default: all there are)", parseTick)
    .addOption(
      new Option("--to-time <time>", "a date or milliseconds since 1970: nothing later")
        .argParser(parseTime)
        .conflicts("toTick"),
    )
    .option("--config <file>", "configuration in TOML: endpoint, region and directories")
    .addHelpText(
      "after",
      example("restore --from s3://waiver-exchange-wal/main --config waiver.toml --data-dir ./new"),
    )
    .action(async ({ from, toTick, toTime, config }) => {
      const { dataDir } = program.opts();
      if (dataDir === undefined) {
        const message = "Say with --data-dir which new data directory to restore into.";
        throw new CliError(message, { exitCode: EXIT.usage });
      }
      const { persistence, ...where } = configOf(program, config);
      const { walDir, snapshotDir, archive } = persistence;
      const identityFile = join(where.dataDir, IDENTITY_FILE);
      // Checked before anything is downloaded.
      const left = archive.key === null ? null : leftOfFile(identityFile);
      if (left !== null) {
        throw new CliError(
          `${left} is there already. Move it away, or remove it if it is of a restore that was not finished; to keep it, restore without the key of the archive's users.`,
        );
      }
      const restored = await withBar(program.terminal, "restoring", (bar) =>
        restoreArchive({
          store: openStore({ ...archive, ...from }),
          walDir,
          snapshotDir,
          target: { tick: toTick, timestamp: toTime },
          identity: { key: archive.key, write: (...copy) => restoreCopy(identityFile, ...copy) },
          onProgress: ({ done, total, key }) => bar.update(done, total, key),
        }),
      );
      const say = (line: string): void => program.terminal.err(`${line}\n`);
      if (toTick !== undefined && toTick > restored.lastTick) {
        say(`The archive ends with tick ${restored.lastTick}, before what was asked for.`);
      }
      for (const reason of restored.refusedSnapshots) {
        say(`warning: an older snapshot was taken, because of ${reason}`);
      }
      if (restored.identity !== "restored") say(IDENTITY_WARNINGS[restored.identity]);
      const files = config === undefined ? "" : `--config ${config} `;
      print(program, "restore", bodyOf(restored), () =>
        render(restored, `${files}--data-dir ${dataDir}`),
      );
    });
}

/** The result with the member names of the other commands. */
function bodyOf({ snapshot, segments, identity, ...restored }: Restored) {
  return {
    exchange_id: restored.exchangeId,
    snapshot,
    refused_snapshots: restored.refusedSnapshots,
    segments,
    identity,
    last_tick: restored.lastTick,
    last_timestamp: restored.lastTimestamp,
    archived_tick: restored.archivedTick,
    archived_timestamp: restored.archivedTimestamp,
  };
}

function parseLocation(text: string): { bucket: string; prefix: string } {
  const [, bucket, prefix = ""] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(text) ?? [];
  if (bucket === undefined) {
    throw new InvalidArgumentError("Expected a bucket and a prefix, such as s3://bucket/prefix.");
  }
  return { bucket, prefix: prefix.replace(/\/+$/, "") };
}

function parseTick(text: string): number {
  const tick = parseInteger(text);
  if (tick < 1) throw new InvalidArgumentError("Expected a tick, a whole number from 1.");
  return tick;
}

function parseTime(text: string): number {
  return /^\d+$/.test(text) ? parseInteger(text) : parseDate(text);
}

function render(restored: Restored, options: string): string {
  const { lastTick, archivedTick, lastTimestamp, archivedTimestamp } = restored;
  const lines = [
    fields({
      exchange_id: restored.exchangeId,
      snapshot_tick: restored.snapshot ?? "none",
      segments: restored.segments,
      users_and_keys: restored.identity,
      last_tick: lastTick,
      last_time: date(lastTimestamp, "never"),
      archived_tick: archivedTick,
      archived_time: date(archivedTimestamp, "never"),
    }),
  ];
  if (lastTick < archivedTick) {
    lines.push(
      "This exchange ends before its archive does. Give it a persistence.cloud.prefix of its own:",
      "what it does from here on is refused where the other history is.",
    );
  }
  const isWhole = restored.identity === "restored" || restored.identity === "not-asked";
  const first = isWhole ? "Start it" : `Put ${IDENTITY_FILE} into the new directory, then start it`;
  lines.push(`${first}: waiver serve ${options}`);
  return lines.join("\n");
}
