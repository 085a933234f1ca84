/**
 * The process that makes the trading page from its sources: `waiver page-builder`. Prints a `PageFile[]`, serialized,
 * or exits with 1. It is a process of its own because a bundler takes the processor for longer than an order may wait.
 */
import { serialize } from "bun:jsc";
import { basename, join } from "node:path";
import type { PageFile } from "./gateway/page/page-file.ts";

const { outputs } = await Bun.build({
  entrypoints: [join(import.meta.dir, "web/index.html")],
  target: "browser",
  conditions: ["production"],
  define: { "process.env.NODE_ENV": '"production"' },
  minify: true,
  splitting: true,
  naming: {
    entry: "[name]-[hash].[ext]",
    chunk: "[name]-[hash].[ext]",
    asset: "[name]-[hash].[ext]",
  },
});
const files: PageFile[] = await Promise.all(
  outputs.map(async (output) => ({
    name: basename(output.path),
    type: output.type,
    bytes: new Uint8Array(await output.arrayBuffer()),
  })),
);
await Bun.write(Bun.stdout, serialize(files));
