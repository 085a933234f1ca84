import { InvalidArgumentError } from "@commander-js/extra-typings";
import { CommandKind } from "../../../core/command.ts";
import { hashText } from "../../../core/state-hash.ts";
import { readLiveJournal } from "../../../persistence/wal/live-reader.ts";
import { journalBytes, verifyJournal } from "../../../persistence/wal/verify.ts";
import { accountName, symbolName } from "../../../protocol/names.ts";
import { commandObject } from "../../../router/command-json.ts";
import { replayJournal } from "../../audit/journal-replay.ts";
import { isAfter, isBefore, type JournalRange } from "../../journal-range.ts";
import type { Answer } from "../answers.ts";
import { EXIT, ExitWith } from "../cli-error.ts";
import { example } from "../example.ts";
import { SYMBOL_HELP } from "../find-symbol.ts";
import {
  assertInOrder,
  CONFIG_OPTION,
  findJournal,
  POINT_HELP,
  parseAccount,
  parsePoint,
  playersOf,
  WAL_DIR_OPTION,
} from "../journal-options.ts";
import { date, fields, print } from "../output.ts";
import { parseLimit } from "../parse.ts";
import { withBar } from "../progress.ts";
import type { Program } from "../root-command.ts";
import { withNames } from "../symbol-names.ts";

const KINDS = Object.keys(CommandKind);

interface DumpFilter {
  account?: number | undefined;
  symbol?: number | undefined;
  kind?: string | undefined;
}

export function addWalCommands(program: Program): void {
  const wal = program
    .command("wal")
    .description("Reads the journal, also while the exchange runs; changes nothing.")
    .addHelpText("after", example("wal verify --data-dir ./data"));

  wal
    .command("verify")
    .description(
      "Checks the whole chain, from the first record on. Exit code 0: sound, 1: damaged, 2: no journal.",
    )
    .option(...CONFIG_OPTION)
    .option(...WAL_DIR_OPTION)
    .addHelpText("after", example("wal verify --data-dir ./data"))
    .action(async (options) => {
      const { walDir, snapshotDir } = findJournal(program, options);
      const total = journalBytes(walDir);
      const found = await withBar(program.terminal, "verifying", (bar) =>
        verifyJournal(walDir, snapshotDir, {
          onProgress: ({ bytes, last }) =>
            bar.update(bytes, total, last === null ? "" : `tick ${last.tick}`),
        }),
      );
      print(program, "wal verify", found, renderVerification);
      if (!found.sound) throw new ExitWith(EXIT.failed);
    });

  wal
    .command("dump")
    .description("Prints the records as JSON, one a line.")
    .option(...CONFIG_OPTION)
    .option(...WAL_DIR_OPTION)
    .option("--symbol <symbol>", `only records that name it: ${SYMBOL_HELP}`)
    .option("--account <account>", "only records of this account", parseAccount)
    .option("--kind <kind>", `only records of this kind: ${KINDS.join(", ")}`, parseKind)
    .option("--from <place>", `from here on: ${POINT_HELP}`, parsePoint)
    .option("--to <place>", "up to here, likewise", parsePoint)
    .addHelpText("after", example("wal dump --symbol mahomes --from tick:9 --to 2027-01-31"))
    .action(async (options) => {
      assertInOrder(program, options);
      const journal = findJournal(program, options);
      const players = playersOf(program, journal);
      const { account, kind, from, to } = options;
      const symbol = await players.find(options.symbol);
      const titles = players.titles();
      dump(journal.walDir, { from, to }, { account, symbol, kind }, (record) =>
        program.terminal.out(`${JSON.stringify(withNames(record, titles))}\n`),
      );
    });

  wal
    .command("replay")
    .description("Rebuilds the state from the first record on, and prints its hash.")
    .option(...CONFIG_OPTION)
    .option(...WAL_DIR_OPTION)
    .option("--to-tick <n>", "only up to this tick", parseLimit)
    .option(
      "--from-snapshot",
      "begin with the newest snapshot before that, not with the first record",
    )
    .addHelpText("after", example("wal replay --to-tick 1000"))
    .action(async (options) => {
      const start = performance.now();
      let commands = 0;
      const value = options.toTick ?? Number.MAX_SAFE_INTEGER;
      const range: JournalRange = options.fromSnapshot ? { from: { by: "tick", value } } : {};
      const journal = findJournal(program, options);
      const total = journalBytes(journal.walDir);
      let bytes = 0;
      const core = await withBar(program.terminal, "replaying", (bar) =>
        replayJournal(journal, range, (_core, batch) => {
          const { tick } = batch;
          commands += batch.count;
          bytes += batch.bytes;
          bar.update(bytes, total, `tick ${tick}`);
          return tick !== options.toTick;
        }),
      );
      const { view } = core;
      const seconds = (performance.now() - start) / 1000;
      const state = {
        tick: view.tick(),
        sequence: view.sequence(),
        state_hash: hashText(core.stateHash()),
        open_orders: view.openOrderCount(),
        accounts: view.nextAccount() - 1,
        trades: view.trades(),
        commands,
        seconds: Number(seconds.toFixed(3)),
        commands_per_second: Math.round(commands / seconds),
      };
      if (state.tick < (options.toTick ?? 0)) {
        const said = `The journal ends with tick ${state.tick}, before what was asked for.\n`;
        program.terminal.err(said);
      }
      print(program, "wal replay", state, fields);
    });
}

function renderVerification(found: Answer<"wal verify">): string {
  const { damage, torn, first, last, snapshots } = found;
  const lines = [
    fields({
      directory: found.directory,
      segments: `${found.segments}, from ${found.first_segment} on`,
      batches: found.batches,
      records: found.records,
      bytes: found.bytes,
      ticks: first === null || last === null ? "" : `${first.tick} to ${last.tick}`,
      sequence: first === null || last === null ? "" : `${first.sequence} to ${last.sequence}`,
      from: date(first?.timestamp ?? null),
      to: date(last?.timestamp ?? null),
      milliseconds: found.milliseconds,
    }),
  ];
  if (torn !== null) {
    lines.push(
      `Torn tail: ${torn.file}, byte ${torn.offset}, ${torn.bytes} bytes: ${torn.reason}.\n` +
        "  No damage: the tick is being written, or a crash cut it off and nobody was told of it.",
    );
  }
  for (const { file, matches, unusable } of snapshots) {
    if (unusable !== null) lines.push(`Damaged snapshot: ${file}: ${unusable}.`);
    if (matches === false)
      lines.push(`Snapshot of another journal: ${file} does not fit this one.`);
  }
  if (damage !== null) {
    const { file, offset, kind, reason, advice } = damage;
    lines.push(`Damaged (${kind}): ${file}, byte ${offset}: ${reason}.`, `  ${advice}`);
  }
  return [...lines, found.sound ? "Sound." : "Not sound."].join("\n");
}

function parseKind(text: string): string {
  const kind = text.toUpperCase();
  if (!KINDS.includes(kind)) throw new InvalidArgumentError(`Expected one of ${KINDS.join(", ")}.`);
  return kind;
}

/** Hands the records to `take`, one after the other, until it returns false. */
function dump(
  walDir: string,
  range: JournalRange,
  filter: DumpFilter,
  take: (record: object) => boolean,
): void {
  const account = filter.account === undefined ? null : accountName(filter.account);
  const symbol = filter.symbol === undefined ? null : symbolName(filter.symbol);
  const kind = filter.kind ?? null;
  readLiveJournal(walDir, (batch) => {
    for (let i = 0; i < batch.count; i++) {
      const record = commandObject(batch, batch.first + i, batch.tick);
      if (isBefore(range, record)) continue;
      if (isAfter(range, record)) return false;
      if (account !== null && record.account !== account) continue;
      if (symbol !== null && record.symbol !== symbol) continue;
      if (kind !== null && record.kind !== kind) continue;
      if (!take(record)) return false;
    }
    return true;
  });
}
