import { Option } from "@commander-js/extra-typings";
import { loadConfig } from "../../../config/config.ts";
import type { Setting } from "../../../config/settings.ts";
import { request } from "../admin-client.ts";
import { example } from "../example.ts";
import { CONFIG_OPTION, configOf } from "../journal-options.ts";
import { columns, counted, print } from "../output.ts";
import type { Program } from "../root-command.ts";

export function addConfigCommands(program: Program): void {
  const config = program
    .command("config")
    .description("Checks the configuration, shows it, and compares it.")
    .addHelpText("after", example("config check --config waiver.toml"));

  config
    .command("check")
    .description(
      "Reads file and environment as `serve` does. Exit code 2, with a line for every key that is wrong.",
    )
    .option(...CONFIG_OPTION)
    .addHelpText("after", example("config check --config waiver.toml"))
    .action((options) => {
      const keys = settingsHere(program, options.config).filter(isChosen).length;
      print(program, "config check", { keys }, () => {
        return `Sound. ${counted(keys, "key is", "keys are")} set; all others have their defaults.`;
      });
    });

  config
    .command("print")
    .description("Shows every key, its value and where that is from, without secrets.")
    .option(...CONFIG_OPTION)
    .addOption(
      new Option("--running", "what the running exchange started with").conflicts("config"),
    )
    .addHelpText("after", example("config print --config waiver.toml"))
    .action(async (options) => {
      const settings =
        options.running === true
          ? await settingsThere(program)
          : settingsHere(program, options.config);
      print(program, "config print", { settings }, (answer, width) =>
        columns(
          ["key", "value", "from"],
          answer.settings.map(({ key, value, source }) => [key, textOf(value), source]),
          width,
        ),
      );
    });

  config
    .command("diff")
    .description("Shows what differs from the defaults, or from the running exchange.")
    .option(...CONFIG_OPTION)
    .option("--running", "from what the running exchange started with")
    .addHelpText("after", example("config diff --running --config waiver.toml"))
    .action(async (options) => {
      const here = settingsHere(program, options.config);
      const isRunning = options.running === true;
      const other = isRunning ? await settingsThere(program) : loadConfig({ env: {} }).settings;
      const values = new Map(other.map(({ key, value }) => [key, value]));
      const differences = here
        .map((setting) => ({ ...setting, other: values.get(setting.key) ?? null }))
        .filter((each) => !Bun.deepEquals(each.value, each.other));
      print(program, "config diff", { differences }, (answer, width) => {
        if (answer.differences.length === 0) return "Nothing differs.";
        const rows = answer.differences.map((each) => [
          ...[each.key, textOf(each.value), each.source, textOf(each.other)],
        ]);
        return columns(["key", "value", "from", isRunning ? "running" : "default"], rows, width);
      });
    });
}

/** The settings as `serve` would read them now. Throws `ConfigError`. */
function settingsHere(program: Program, path: string | undefined): Setting[] {
  return [...configOf(program, path).settings];
}

async function settingsThere(program: Program) {
  return (await request(program, "GET /admin/v1/config")).settings;
}

const isChosen = ({ source }: Setting): boolean => source !== "default";

const textOf = (value: unknown): string => (value === null ? "" : JSON.stringify(value));
