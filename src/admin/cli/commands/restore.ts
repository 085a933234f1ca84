import { InvalidArgumentError } from "@commander-js/extra-typings";
import { type Restored, restoreArchive } from "../../../persistence/archive/restore-archive.ts";
import { CliError } from "../cli-error.ts";
import { date, example, fields, print } from "../output.ts";
import { parseDate, parseInteger } from "../parse.ts";
import type { Program } from "../root-command.ts";
import { endProgress, openStore, settings, showProgress } from "./archive.ts";

export function addRestoreCommand(program: Program): void {
  program
    .command("restore")
    .description("Makes the journal and snapshot of a new data directory from an archive.")
    .requiredOption("--from <url>", "the archive, s3://bucket/prefix", parseLocation)
    .option("--to-tick <n>", "the last tick to restore (default: all there are)", parseTick)
    .option("--to-time <time>", "a date or milliseconds since 1970: nothing later", parseTime)
    .option("--config <file>", "configuration in TOML: endpoint, region and directories")
    .addHelpText(
      "after",
      example("restore --from s3://waiver-exchange-wal/main --config waiver.toml --data-dir ./new"),
    )
    .action(async ({ from, toTick, toTime, config }) => {
      const { json, dataDir } = program.opts();
      if (dataDir === undefined) {
        throw new CliError("Say with --data-dir which new data directory to restore into.");
      }
      const { walDir, snapshotDir, archive } = settings(config, dataDir);
      const restored = await restoreArchive({
        store: openStore({ ...archive, ...from }),
        walDir,
        snapshotDir,
        target: { tick: toTick, timestamp: toTime },
        onProgress: showProgress("restoring"),
      });
      endProgress();
      if (toTick !== undefined && toTick > restored.lastTick) {
        console.error(
          `The archive ends with tick ${restored.lastTick}, before what was asked for.`,
        );
      }
      const files = config === undefined ? "" : `--config ${config} `;
      print(json, restored, (answer) => render(answer, dataDir, `${files}--data-dir ${dataDir}`));
    });
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

function render(restored: Restored, dataDir: string, options: string): string {
  const { lastTick, archivedTick, lastTimestamp, archivedTimestamp } = restored;
  const lines = [
    fields({
      exchange_id: restored.exchangeId,
      snapshot_tick: restored.snapshot ?? "none",
      segments: restored.segments,
      last_tick: lastTick,
      last_time: date(lastTimestamp, "never"),
      archived_tick: archivedTick,
      archived_time: date(archivedTimestamp, "never"),
    }),
    "Users and API keys are not in the journal, and so not in the archive. Put your copy of",
    `identity.sqlite into ${dataDir} before the start; without one nobody can log in to the accounts.`,
  ];
  if (lastTick < archivedTick) {
    lines.push(
      "This exchange ends before its archive does. Give it a persistence.cloud.prefix of its own:",
      "what it does from here on is refused where the other history is.",
    );
  }
  lines.push(`Start it: waiver serve ${options}`);
  return lines.join("\n");
}
