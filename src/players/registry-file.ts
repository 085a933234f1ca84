/** The registry on disk: JSON with one player a line, replaced as a whole, so that a crash leaves the old one or the new. */
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import * as v from "valibot";
import { replaceFile } from "../host/replace-file.ts";
import { newerVersion } from "../lib/newer-version.ts";
import { TICKER_PATTERN } from "./ticker.ts";

/** The newest format. Version 1 has no tickers, version 2 no `was_pre_open`; all of them are read. */
const VERSION = 3;
/** The format that is written while no entry needs a newer one, so that an older program can read it. */
const USUAL_VERSION = 2;
const FILE_MODE = 0o644;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const entrySchema = v.strictObject({
  symbol: count,
  player_id: v.pipe(v.string(), v.regex(/^[!-~]{1,64}$/)),
  /** Absent while only the player's id is known. */
  ticker: v.exactOptional(v.pipe(v.string(), v.regex(TICKER_PATTERN))),
  name: v.string(),
  team: v.string(),
  position: v.string(),
  number: v.nullable(count),
  status: v.string(),
  source: v.picklist(["sleeper", "offline"]),
  /** Whether the source still has the player; always true for depth-chart slots. */
  present: v.boolean(),
  /** Milliseconds since 1970. */
  listed_at: count,
  left_at: v.exactOptional(count),
  /**
   * What was done to the symbol because the player left. `requested` and `lifting` are decided here, and the
   * journal has not confirmed them yet; it has confirmed `made`. Absent when an operator had closed the symbol
   * already.
   */
  closure: v.exactOptional(v.picklist(["requested", "made", "lifting"])),
  /**
   * The symbol was in PRE_OPEN before it was closed. Lifting the closure brings it back there and does not open
   * it.
   */
  was_pre_open: v.exactOptional(v.literal(true)),
});

const fileSchema = v.strictObject({
  version: v.picklist([1, USUAL_VERSION, VERSION]),
  players: v.array(entrySchema),
});

/** A symbol and the player it stands for. */
export type Entry = Readonly<v.InferOutput<typeof entrySchema>>;

/** The registry's file cannot be used: the start stops here. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
}

/** The entries of the file; null when there is none. Throws `RegistryError` when it is damaged. */
export function readRegistryFile(path: string): Entry[] | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new RegistryError(`${path}: cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw damaged(path, "it is not JSON", error);
  }
  const newer = newerVersion(json, VERSION);
  if (newer !== null) throw new RegistryError(`${path}: ${newer}`);
  const parsed = v.safeParse(fileSchema, json, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw damaged(path, `${v.getDotPath(issue) ?? "the file"}: ${issue.message}`);
  }
  const { players } = parsed.output;
  for (const key of ["symbol", "player_id", "ticker"] as const) {
    const seen = new Set<string | number>();
    for (const { [key]: value } of players) {
      if (value === undefined) continue;
      if (seen.has(value)) throw damaged(path, `${key} ${value} stands there twice`);
      seen.add(value);
    }
  }
  return players;
}

function damaged(path: string, reason: string, cause?: unknown): RegistryError {
  return new RegistryError(
    `${path}: damaged: ${reason}. Put back a copy of it, or move it away and start again: the ` +
      "symbols come back from the journal, and the players' names with the next refresh.",
    { cause },
  );
}

/** Resolves when the new file is on disk under its name. Rejects with the file system's error. */
export async function writeRegistryFile(path: string, entries: readonly Entry[]): Promise<void> {
  const lines = entries.map((entry) => JSON.stringify(entry)).join(",\n");
  const version = entries.some((entry) => entry.was_pre_open) ? VERSION : USUAL_VERSION;
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, `{"version":${version},"players":[\n${lines}\n]}\n`, FILE_MODE);
}
