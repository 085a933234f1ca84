/** What is written for a shell, in scripts and in the image's recipe, as ShellCheck reads it. */
import { expect, test } from "bun:test";
import { DockerfileParser, type Instruction } from "dockerfile-ast";

function findShellcheck(): string | null {
  const { stdout, stderr, success } = Bun.spawnSync(["scripts/shellcheck.sh", "path"]);
  if (success) return stdout.toString().trim();
  if (process.env.CI !== undefined) throw new Error(stderr.toString());
  process.stderr.write(`Tests of what is written for a shell are skipped: ${stderr}`);
  return null;
}
const shellcheck = findShellcheck() ?? "";

/** What it has to say; of text when there is any, else of files. */
function check(files: readonly string[], text = ""): string {
  const options = ["--external-sources", "--source-path=SCRIPTDIR", "--format=gcc"];
  const { stdout, stderr } = Bun.spawnSync([shellcheck, ...options, ...files], {
    stdin: Buffer.from(text),
  });
  return `${stdout}${stderr}`;
}

test.skipIf(shellcheck === "")("scripts are sound (skipped without ShellCheck)", async () => {
  const files = await Array.fromAsync(
    new Bun.Glob("{scripts,test}/**/*.sh").scan({ dot: false, cwd: "." }),
  );
  expect(files.length).toBeGreaterThan(10);
  expect(check([...files, ".ci/run"])).toBe("");
});

test.skipIf(shellcheck === "")(
  "what the image's recipe runs is sound (skipped without ShellCheck)",
  async () => {
    const commands = commandsOf(await Bun.file("Dockerfile").text());
    expect(commands.length).toBeGreaterThan(3);

    const scripts = commands.map((command) => check(["--shell=sh", "-"], command));
    expect(scripts.filter((said) => said !== "")).toEqual([]);
  },
);

test.skipIf(shellcheck === "")("what is not sound is found (skipped without ShellCheck)", () => {
  const [command = ""] = commandsOf("FROM debian:12\nRUN cd $PLACE \\\n  && true\n");
  expect(check(["--shell=sh", "-"], command)).toContain("SC2086");
});

/** The commands of `RUN` and `HEALTHCHECK` for a shell. */
function commandsOf(recipe: string): string[] {
  return DockerfileParser.parse(recipe)
    .getInstructions()
    .filter((each) => ["RUN", "HEALTHCHECK"].includes(each.getKeyword()))
    .map(commandOf)
    .filter((command) => !command.startsWith("["));
}

function commandOf(instruction: Instruction): string {
  const text = instruction.getRawArgumentsContent() ?? "";
  return instruction.getKeyword() === "RUN" ? text : text.replace(/^(?:--\S+\s+|\\\s+)*CMD\s+/, "");
}
