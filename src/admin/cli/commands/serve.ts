import { Option } from "@commander-js/extra-typings";
import { CliError, EXIT } from "../cli-error.ts";
import { example } from "../example.ts";
import { parsePort } from "../parse.ts";
import type { Program } from "../root-command.ts";

export interface ServeOptions {
  /** Path of the TOML configuration; without it every default applies. */
  config?: string | undefined;
  /** 0 picks a free one. */
  port?: number | undefined;
  dataDir?: string | undefined;
  /** Adds demo accounts and a live market. */
  demo: boolean;
  /** Whether `demo` also trades. */
  marketMakers: boolean;
  /** Form of the log. */
  log?: LogForm | undefined;
}

export type LogForm = "human" | "json";

/** Options of all commands that have no effect on `serve`. */
const CLIENT_OPTIONS = ["url", "token", "tokenFile", "json"] as const;

export function addServeCommand(
  program: Program,
  serve: (options: ServeOptions) => Promise<void>,
): void {
  program
    .command("serve")
    .description("Runs the exchange until it is told to stop (SIGTERM or Ctrl-C).")
    .option("--config <file>", "configuration in TOML (default: none, every key has its default)")
    .option(
      "--port <n>",
      "port to listen on; 0 picks a free one (default: as configured)",
      parsePort,
    )
    .option("--demo", "add demo accounts and market makers", false)
    .option("--no-market-makers", "with --demo: accounts only, nobody trades by itself")
    .addOption(
      new Option(
        "--log <form>",
        "form of the log (default: human on a terminal, otherwise json)",
      ).choices(["human", "json"]),
    )
    .addHelpText("after", example("serve --config waiver.toml --port 8080 --data-dir ./data"))
    .action((options) => {
      const ofOthers = CLIENT_OPTIONS.find((name) => program.getOptionValueSource(name) === "cli");
      if (ofOthers !== undefined) {
        const flag = `--${ofOthers.replace("F", "-f")}`;
        const message = `${flag} is for the commands that ask an exchange, not for serve: WAIVER_ADMIN_TOKEN sets the token, --log json the log's form.`;
        throw new CliError(message, { exitCode: EXIT.usage });
      }
      if (!options.marketMakers && !options.demo) {
        const message = "--no-market-makers goes with --demo only.";
        throw new CliError(message, { exitCode: EXIT.usage });
      }
      return serve({ ...options, dataDir: program.opts().dataDir });
    });
}
