import { Command } from "@commander-js/extra-typings";
import manifest from "../../../package.json";
import { EXIT } from "./cli-error.ts";
import { parseUrl } from "./parse.ts";
import { ProcessTerminal, type Terminal } from "./terminal.ts";

/** The command without its subcommands. Its options can stand before or after a subcommand's name. */
export function rootCommand(terminal: Terminal = new ProcessTerminal()) {
  const command = new Command("waiver")
    .description("Runs the Waiver exchange, and looks after a running one through its admin API.")
    .version(manifest.version, "--version", "show the version of this program")
    .option(
      "--url <url>",
      "where the exchange runs: an address, or unix:<file> for its admin socket",
      parseUrl,
      "http://127.0.0.1:8080",
    )
    .option(
      "--token <token>",
      "admin token; others on this machine can see it (default: from --token-file, WAIVER_ADMIN_TOKEN, <data-dir>/admin-token)",
    )
    .option("--token-file <file>", "file with the admin token")
    .option("--data-dir <dir>", 'data directory of the exchange (default: "data")')
    .option("--json", "print JSON instead of a table; `waiver schema` has its schemas", false)
    // Set before the subcommands are made, because they inherit these settings.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.out(text),
      writeErr: (text) => terminal.err(text),
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(--help after any command shows how it is used)");
  const running: { command: Pick<Command, "options" | "registeredArguments"> } = { command };
  command.hook("preAction", (_, action) => {
    running.command = action;
    refuseEmpty(command, action);
  });
  return Object.assign(command, { terminal, running });
}

/**
 * Refuses options with an empty value. It comes from a variable of a script that is not set: `--by ""` would
 * show what everybody did.
 */
function refuseEmpty(...commands: readonly Pick<Command, "options" | "opts" | "error">[]): void {
  for (const command of commands) {
    const values: Readonly<Record<string, unknown>> = command.opts();
    const empty = command.options.find((option) => values[option.attributeName()] === "");
    if (empty === undefined) continue;
    const message = `error: option '${empty.flags}' argument '' is invalid. Expected something.`;
    command.error(message, { exitCode: EXIT.usage });
  }
}

export type Program = ReturnType<typeof rootCommand>;
/** A command that others are under, or one that is being made. */
export type Group = Command<[], Record<never, never>, ReturnType<Program["opts"]>>;
