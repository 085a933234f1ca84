/** How the exchange and its command line are bundled, for the one compiled file and for the package of npm. */
import { join } from "node:path";
import { referenceFile } from "../src/gateway/docs/reference-file.ts";

/** Embeds a file that the sources look up in `node_modules`. */
const embedReference: Bun.BunPlugin = {
  name: "embed the reference",
  setup(build) {
    const path = JSON.stringify(referenceFile());
    build.onLoad({ filter: /\/docs\/reference-file\.ts$/ }, () => ({
      loader: "ts",
      contents: `import path from ${path} with { type: "file" }; export const referenceFile = () => path;`,
    }));
  },
};

/** Leaves out what ink imports for React's developer tools, a package that is not installed. */
const leaveOutDevtools: Bun.BunPlugin = {
  name: "leave out developer tools",
  setup(build) {
    build.onLoad({ filter: /\/ink\/build\/devtools\.js$/ }, () => ({ contents: "" }));
  },
};

export const programBuild = {
  entrypoints: [join(import.meta.dir, "../src/main.ts")],
  target: "bun",
  define: { "process.env.NODE_ENV": '"production"' },
  minify: true,
  sourcemap: "linked",
  plugins: [embedReference, leaveOutDevtools],
} as const satisfies Partial<Bun.BuildConfig>;
