/** Options of the commands that read the journal: where it is, and which part of it is wanted. */

import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { type Config, loadConfig } from "../../config/config.ts";
import { isThere } from "../../host/is-there.ts";
import { userNumber } from "../../identity/user.ts";
import { countSegments } from "../../persistence/wal/verify.ts";
import { PLAYERS_FILE } from "../../players/registry.ts";
import { accountNumber } from "../../protocol/names.ts";
import type { JournalSource } from "../audit/journal-replay.ts";
import type { JournalPoint, JournalRange } from "../journal-range.ts";
import { EXIT } from "./cli-error.ts";
import { OfflinePlayers } from "./offline-players.ts";
import { timeOf } from "./parse.ts";
import type { Program } from "./root-command.ts";

export interface JournalOptions {
  /** Path of the exchange's TOML configuration. */
  config?: string | undefined;
  /** Instead of the configured directory. */
  walDir?: string | undefined;
}

export const CONFIG_OPTION = ["--config <file>", "the exchange's configuration in TOML"] as const;
export const WAL_DIR_OPTION = [
  "--wal-dir <dir>",
  "the journal's directory, its snapshots beside it (default: as configured, else wal in the data directory)",
] as const;
export const POINT_HELP =
  "a sequence number, tick:<n>, or a date such as 2027-01-31T18:00:00Z; included";

/** The configuration by `--config`, environment and `--data-dir`, as `serve` would read it. Throws `ConfigError`. */
export function configOf(program: Program, path: string | undefined): Config {
  return loadConfig({ path, overrides: { dataDir: program.opts().dataDir } });
}

/** Whether the options say where an exchange runs, and nothing of files. */
export function asksExchange(program: Program, { config, walDir }: JournalOptions): boolean {
  const { dataDir } = program.opts();
  const hasFiles = [config, walDir, dataDir].some((given) => given !== undefined);
  return !hasFiles && program.getOptionValueSource("url") === "cli";
}

/**
 * Where the journal is, by options, configuration and environment, as `serve` finds it. Throws
 * `ConfigError`; ends the program as wrongly used when no journal is there.
 */
export function findJournal(program: Program, options: JournalOptions): FoundJournal {
  // Only the audit can be asked of an exchange. Other commands would show the journal of another exchange here.
  if (asksExchange(program, options)) {
    const message =
      "error: this reads files, and --url says nothing of them: say where with --data-dir, --wal-dir or --config";
    program.error(message, { exitCode: EXIT.usage });
  }
  const { persistence, players, dataDir } = configOf(program, options.config);
  const walDir = options.walDir ?? persistence.walDir;
  if (!hasJournal(walDir)) {
    const message = `error: there is no journal in ${walDir}: say where with --data-dir or --wal-dir`;
    program.error(message, { exitCode: EXIT.usage });
  }
  const { symbolsMax } = players;
  const isConfigured = resolve(walDir) === resolve(persistence.walDir);
  if (isConfigured) {
    const playersFile = join(dataDir, PLAYERS_FILE);
    return { walDir, snapshotDir: persistence.snapshotDir, symbolsMax, playersFile };
  }
  // A journal elsewhere is of another exchange, or a copy. Its snapshots and its registry are beside it.
  const beside = join(walDir, "..");
  const playersFile = join(beside, PLAYERS_FILE);
  return { walDir, snapshotDir: join(beside, "snapshots"), symbolsMax, playersFile };
}

function hasJournal(walDir: string): boolean {
  return isThere(walDir) && statSync(walDir).isDirectory() && countSegments(walDir) > 0;
}

/** Ends the program as wrongly used when the range is known to be empty before anything is read. */
export function assertInOrder(program: Program, { from, to }: JournalRange): void {
  if (from?.by !== to?.by || (from?.value ?? 0) <= (to?.value ?? 0)) return;
  program.error("error: --to is before --from", { exitCode: EXIT.usage });
}

interface FoundJournal extends JournalSource {
  /** Path of the player registry, which need not exist. */
  playersFile: string;
}

export function playersOf(
  program: Program,
  { playersFile, symbolsMax }: FoundJournal,
): OfflinePlayers {
  return new OfflinePlayers(program, playersFile, symbolsMax);
}

export function parsePoint(text: string): JournalPoint {
  const [, tick] = /^tick:(\d{1,15})$/.exec(text) ?? [];
  if (tick !== undefined) return { by: "tick", value: Number(tick) };
  if (/^\d{1,15}$/.test(text)) return { by: "sequence", value: Number(text) };
  const time = timeOf(text);
  if (time !== null) return { by: "timestamp", value: time };
  throw new InvalidArgumentError(
    "Expected a sequence number, tick:<n>, or a date such as 2027-01-31 or 2027-01-31T18:00:00Z.",
  );
}

export function parseAccount(text: string): number {
  return numberOf(text, accountNumber(text), "an account such as acc_1");
}

export function parseUser(text: string): number {
  // `userNumber` gives 0 for what is no user.
  return numberOf(text, userNumber(text) || -1, "a user such as usr_1");
}

function numberOf(text: string, number: number, expected: string): number {
  if (number < 0) throw new InvalidArgumentError(`Expected ${expected}, not ${text}.`);
  return number;
}
