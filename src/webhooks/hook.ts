/** A webhook as it is kept, and its file: JSON that is replaced as a whole. */
import { readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import * as v from "valibot";
import { WEBHOOK_EVENTS } from "../protocol/schemas/webhooks.ts";

export const WEBHOOKS_FILE = "webhooks.json";
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const deadLetterSchema = v.strictObject({
  /** Of the account's stream. */
  seq: count,
  /** Milliseconds since 1970, of the last attempt. */
  failed_at: count,
  error: v.string(),
});
export type DeadLetter = Readonly<v.InferOutput<typeof deadLetterSchema>>;

const hookSchema = v.object({
  id: v.pipe(v.string(), v.regex(/^whk_\d+$/)),
  /** Number of the user whose it is, and of his account whose events it gets. */
  user: count,
  account: count,
  url: v.string(),
  secret: v.string(),
  events: v.array(v.picklist(WEBHOOK_EVENTS)),
  created_at: count,
  /** `seq` of the last event that is done with: delivered, dead, or none that it wants. */
  cursor: count,
  dead: v.array(deadLetterSchema),
});
export type Hook = v.InferOutput<typeof hookSchema>;

const fileSchema = v.strictObject({
  version: v.literal(1),
  next: count,
  hooks: v.array(hookSchema),
});
export type HookFile = v.InferOutput<typeof fileSchema>;

/** None where there is no file. Throws when it cannot be used. */
export function readHookFile(path: string): HookFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      return { version: 1, next: 1, hooks: [] };
    throw new Error(`${path}: cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    return v.parse(fileSchema, JSON.parse(text));
  } catch (error) {
    throw new Error(
      `${path}: damaged: ${(error as Error).message}. Put back a copy of it, or move it away: then all webhooks are gone`,
      { cause: error },
    );
  }
}

/** Resolves when it is on disk under its name. It holds secrets. */
export async function writeHookFile(path: string, file: HookFile): Promise<void> {
  const temporary = `${path}.new`;
  await using handle = await open(temporary, "w", 0o600);
  await handle.writeFile(JSON.stringify(file));
  await handle.sync();
  await rename(temporary, path);
  await using parent = await open(dirname(path), "r");
  await parent.sync();
}
