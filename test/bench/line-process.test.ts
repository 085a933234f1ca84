import { expect, test } from "bun:test";
import { join } from "node:path";

const PARENT = `
  import { LineProcess } from ${JSON.stringify(join(import.meta.dir, "../../bench/load/line-process.ts"))};
  const child = new LineProcess(${JSON.stringify(join(import.meta.dir, "lasting-program.ts"))});
  console.log(JSON.stringify(await child.ask({})));
`;

test("clients end with the bench that started them, also when it is killed", async () => {
  const parent = Bun.spawn([process.execPath, "-e", PARENT], { stdout: "pipe", stderr: "pipe" });
  const output = parent.stdout.getReader();
  expect(new TextDecoder().decode((await output.read()).value)).toBe("{}\n");
  parent.kill("SIGKILL");
  // It ends when nobody has it any more, its child neither.
  expect(await new Response(parent.stderr).text()).toBe("");
});
