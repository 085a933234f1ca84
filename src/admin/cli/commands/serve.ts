import { example } from "../output.ts";
import { parsePort } from "../parse.ts";
import type { Program } from "../root-command.ts";

export interface ServeOptions {
  /** Path of the TOML configuration; without it every default applies. */
  config?: string;
  /** 0 picks a free one. */
  port?: number;
  dataDir?: string;
  /** Adds demo accounts and a live market. */
  demo: boolean;
  /** Whether `demo` also trades. */
  marketMakers: boolean;
}

export function addServeCommand(
  program: Program,
  serve: (options: ServeOptions) => Promise<void>,
): void {
  program
    .command("serve")
    .description("Runs the exchange until it is told to stop (SIGTERM or Ctrl-C).")
    .option("--config <file>", "configuration in TOML (default: every default)")
    .option(
      "--port <n>",
      "port to listen on; 0 picks a free one (default: as configured)",
      parsePort,
    )
    .option("--demo", "add demo accounts and market makers", false)
    .option("--no-market-makers", "with --demo: accounts only, nobody trades by itself")
    .addHelpText("after", example("serve --config waiver.toml --port 8080 --data-dir ./data"))
    .action(async ({ config, port, demo, marketMakers }) => {
      const { dataDir } = program.opts();
      await serve({
        ...(config !== undefined && { config }),
        ...(port !== undefined && { port }),
        ...(dataDir !== undefined && { dataDir }),
        demo,
        marketMakers,
      });
    });
}
