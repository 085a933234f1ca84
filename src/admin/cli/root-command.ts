import { Command } from "@commander-js/extra-typings";
import manifest from "../../../package.json";
import { parseUrl } from "./parse.ts";
import { ProcessTerminal, type Terminal } from "./terminal.ts";

/** The command without its subcommands: what every one of them understands, before or after its name. */
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
    // Before the subcommands are made: they take these settings over.
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
  });
  return Object.assign(command, { terminal, running });
}

export type Program = ReturnType<typeof rootCommand>;
/** A command that others are under, or one that is being made. */
export type Group = Command<[], Record<never, never>, ReturnType<Program["opts"]>>;
