/** An exchange for the tests of one file, and the browser of all. */
import type { Browser } from "playwright-core";
import { DataDir, ServerProcess } from "../integration/server-process.ts";
import { launch } from "./browser.ts";

export class Site implements AsyncDisposable {
  private constructor(
    readonly browser: Browser,
    readonly dir: DataDir,
    /** Another one after `startAgain`. */
    public server: ServerProcess,
  ) {}

  static async open(executable: string, args: readonly string[] = []): Promise<Site> {
    const dir = await DataDir.make();
    const [browser, server] = await Promise.all([
      launch(executable),
      ServerProcess.start(dir.path, { args }),
    ]);
    return new Site(browser, dir, server);
  }

  #untraded: Promise<string[]> | undefined;

  /** The symbol of a player whom nobody has got from this yet. */
  async untraded(): Promise<string> {
    this.#untraded ??= this.symbols("QB");
    return (await this.#untraded).pop() ?? "";
  }

  /** The symbols of the players in a position, such as QB. */
  async symbols(position: string): Promise<string[]> {
    const answer = await fetch(`${this.server.url}/api/v1/symbols?position=${position}`);
    const { symbols } = (await answer.json()) as { symbols: { symbol: string }[] };
    return symbols.map(({ symbol }) => symbol);
  }

  /** Starts the exchange again where it was, after it was killed. */
  async startAgain(): Promise<void> {
    this.server = await ServerProcess.start(this.dir.path, { port: this.server.port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.kill();
    await this.dir[Symbol.asyncDispose]();
  }
}
