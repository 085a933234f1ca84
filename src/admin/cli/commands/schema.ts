import { JSON_SCHEMA_DIALECT, plainSchema, schemaDocument } from "../../../protocol/json-schema.ts";
import { ANSWERS, type AnswerName } from "../answers.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { example } from "../example.ts";
import type { Program } from "../root-command.ts";

export function addSchemaCommand(program: Program): void {
  program
    .command("schema")
    .description(
      "Prints the JSON Schema of what a command prints with --json; without one, of all.",
    )
    .argument("[command...]", "the command, such as user list")
    .addHelpText("after", example("schema user list"))
    .action((words) => {
      const document = words.length === 0 ? allSchemas() : schemaOf(words.join(" "));
      program.terminal.out(`${JSON.stringify(document, null, 2)}\n`);
    });
}

/** One document with a definition for each command. */
export function allSchemas(): object {
  const names = Object.keys(ANSWERS) as AnswerName[];
  const definitions = Object.fromEntries(names.map((name) => [name, plainSchema(ANSWERS[name])]));
  return { $schema: JSON_SCHEMA_DIALECT, $defs: definitions };
}

function schemaOf(name: string): object {
  if (Object.hasOwn(ANSWERS, name)) return schemaDocument(ANSWERS[name as AnswerName]);
  const message = `There is no command ${JSON.stringify(name)} with an answer: \`waiver schema\` has all of them.`;
  throw new CliError(message, { exitCode: EXIT.usage });
}
