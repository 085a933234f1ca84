/** The JSON file that older versions kept webhooks in. It is read once; they are in SQLite since. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { WEBHOOK_EVENTS } from "../protocol/schemas/webhooks.ts";
import { type DeadLetter, type Hook, hookNumber } from "./hook.ts";

export const HOOK_FILE = "webhooks.json";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const fileSchema = v.strictObject({
  version: v.literal(1),
  next: count,
  hooks: v.array(
    v.object({
      id: v.pipe(v.string(), v.regex(/^whk_\d+$/)),
      user: count,
      account: count,
      url: v.string(),
      secret: v.string(),
      events: v.array(v.picklist(WEBHOOK_EVENTS)),
      created_at: count,
      cursor: count,
      dead: v.array(v.strictObject({ seq: count, failed_at: count, error: v.string() })),
    }),
  ),
});

export interface HookFile {
  /** The number of the next webhook. */
  next: number;
  hooks: { hook: Hook; letters: DeadLetter[] }[];
}

/** Reads the file; null when there is none. Throws when it cannot be used. */
export function readHookFile(path: string): HookFile | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new Error(`${path}: cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    const { next, hooks } = v.parse(fileSchema, JSON.parse(text));
    return {
      next,
      hooks: hooks.map(({ id, created_at, dead, ...rest }) => ({
        hook: {
          ...rest,
          number: hookNumber(id),
          apiKey: null,
          createdAt: created_at,
          dead: dead.length,
        },
        letters: dead,
      })),
    };
  } catch (error) {
    throw new Error(
      `${path}: damaged: ${(error as Error).message}. Put back a copy of it, or move it away: then all webhooks are gone`,
      { cause: error },
    );
  }
}
