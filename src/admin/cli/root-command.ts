import { Command } from "@commander-js/extra-typings";
import manifest from "../../../package.json";
import { parseUrl } from "./parse.ts";

/** The command without its subcommands: what every one of them understands, before or after its name. */
export function rootCommand() {
  return new Command("waiver")
    .description("Runs the Waiver exchange, and looks after a running one through its admin API.")
    .version(manifest.version, "--version", "show the version of this program")
    .option("--url <url>", "address of the running exchange", parseUrl, "http://127.0.0.1:8080")
    .option(
      "--token <token>",
      "admin token (default: WAIVER_ADMIN_TOKEN, then <data-dir>/admin-token)",
    )
    .option("--data-dir <dir>", 'data directory of the exchange (default: "data")')
    .option("--json", "print the exchange's answer as JSON instead of a table", false);
}

export type Program = ReturnType<typeof rootCommand>;
