/** A real Prometheus that has the alert rules of `docs/ops` and scrapes one exchange. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort } from "../integration/free-port.ts";

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface SampleRange {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

interface Rule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

export class Prometheus implements AsyncDisposable {
  readonly #url: string;
  readonly #directory: string;
  readonly #process: Bun.Subprocess<"ignore", "ignore", "pipe">;

  private constructor(
    url: string,
    directory: string,
    process: Bun.Subprocess<"ignore", "ignore", "pipe">,
  ) {
    this.#url = url;
    this.#directory = directory;
    this.#process = process;
  }

  /** `exchange`: its port. `everyMs`: the time between two scrapes. Resolves when Prometheus serves. */
  static async start(
    program: string,
    exchange: number,
    { rules, everyMs }: { rules: string; everyMs: number },
  ): Promise<Prometheus> {
    const directory = mkdtempSync(join(tmpdir(), "waiver-prometheus-"));
    const config = join(directory, "prometheus.yml");
    writeFileSync(
      config,
      `global: { scrape_interval: ${everyMs}ms, evaluation_interval: ${everyMs}ms }
rule_files: ["${resolve(rules)}"]
scrape_configs:
  - { job_name: waiver, static_configs: [{ targets: ["127.0.0.1:${exchange}"] }] }
`,
    );
    const port = freePort();
    const process = Bun.spawn(
      [
        program,
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(directory, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdin: "ignore", stdout: "ignore", stderr: "pipe" },
    );
    const ready = Promise.withResolvers<void>();
    void (async () => {
      let said = "";
      const decoder = new TextDecoder();
      // Reads on to the end. Otherwise its next line would end the process.
      for await (const piece of process.stderr) {
        said += decoder.decode(piece, { stream: true });
        if (said.includes("Server is ready to receive web requests")) ready.resolve();
      }
      ready.reject(new Error(`Prometheus ended: ${said}`));
    })();
    await ready.promise.catch((error) => {
      rmSync(directory, { recursive: true });
      throw error;
    });
    return new Prometheus(`http://127.0.0.1:${port}/api/v1`, directory, process);
  }

  /** The value of an expression now. Throws the error of Prometheus. */
  async query(expression: string): Promise<readonly Sample[]> {
    const data = await this.#ask(`query?query=${encodeURIComponent(expression)}`);
    return (data as { result: Sample[] }).result;
  }

  /** The values of an expression over a span of time, in seconds since 1970. */
  async queryRange(
    expression: string,
    { from, to, stepSeconds }: { from: number; to: number; stepSeconds: number },
  ): Promise<readonly SampleRange[]> {
    const query = new URLSearchParams({
      ...{ query: expression, start: String(from), end: String(to), step: String(stepSeconds) },
    });
    const data = await this.#ask(`query_range?${query}`);
    return (data as { result: SampleRange[] }).result;
  }

  async rules(): Promise<readonly Rule[]> {
    const { groups } = (await this.#ask("rules")) as { groups: { rules: Rule[] }[] };
    return groups.flatMap(({ rules }) => rules);
  }

  async #ask(path: string): Promise<unknown> {
    const answer = await fetch(`${this.#url}/${path}`);
    const { status, data, error } = (await answer.json()) as Record<string, unknown>;
    if (status !== "success") throw new Error(`${path}: ${error}`);
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
    await this.#process.exited;
    rmSync(this.#directory, { recursive: true });
  }
}
