/** `bun run bench:table`: writes the figures of the newest results into `bench/README.md`. */
import { join } from "node:path";
import { newestResults } from "./results.ts";
import { withFigures } from "./table.ts";

const page = Bun.file(join(import.meta.dir, "..", "README.md"));
await page.write(withFigures(await page.text(), newestResults()));
