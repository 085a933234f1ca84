/**
 * The part of Sleeper's record of a player that we use. The reply is foreign data: numbers come as text, ids as
 * numbers, and anything as null. Only a record that cannot be used is skipped.
 */
import * as v from "valibot";

const TEXT_CHARACTERS_MAX = 100;

/** Invisible characters: controls, and formats such as a change of the writing direction. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** Invisible characters that are kept: they join others in emoji, and in words of Persian and Hindi. */
const JOINERS = "\u200c\u200d";
/** More marks on one character than any language has: they would cover the text around it. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;
const ANY_SIGN = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Text as people can read it, with single spaces within and none around it; null when there is none left. */
function readable(value: string): string | null {
  const seen = value
    .replace(UNSEEN, (character) => (JOINERS.includes(character) ? character : " "))
    .replace(STACKED_MARKS, "$1")
    .replace(/\s+/g, " ")
    .trim();
  return ANY_SIGN.test(seen) ? seen : null;
}

const text = v.nullish(
  v.pipe(
    v.string(),
    v.transform(readable),
    v.nullable(v.pipe(v.string(), v.maxLength(TEXT_CHARACTERS_MAX))),
  ),
  null,
);

const playerId = v.pipe(
  v.union([v.string(), v.pipe(v.number(), v.safeInteger())]),
  v.transform((value) => String(value).trim()),
  v.regex(/^[!-~]{1,64}$/),
);

/** The number on a jersey; -1 for anything else, because no record is skipped for it. */
const jersey = v.fallback(
  v.pipe(v.union([v.number(), v.pipe(v.string(), v.regex(/^\s*\d+\s*$/))]), v.transform(Number)),
  -1,
);

const schema = v.pipe(
  v.looseObject({
    player_id: playerId,
    first_name: text,
    last_name: text,
    full_name: text,
    team: text,
    position: text,
    status: text,
    active: v.nullish(v.boolean(), null),
    number: jersey,
  }),
  v.transform((record) => ({
    player_id: record.player_id,
    name: record.full_name ?? [record.first_name, record.last_name].filter(Boolean).join(" "),
    team: record.team,
    position: record.position,
    status: record.status,
    active: record.active,
    number: Number.isInteger(record.number) && record.number >= 0 ? record.number : null,
  })),
);

export type SleeperRecord = v.InferOutput<typeof schema>;

export interface SleeperRecords {
  records: SleeperRecord[];
  /** Records that could not be used: why → how many. */
  skipped: Record<string, number>;
}

/**
 * Reads the members of a whole reply: records by player id. Of two records with the same id the first counts.
 */
export async function readRecords(
  members: AsyncIterable<[string, unknown]> | Iterable<[string, unknown]>,
): Promise<SleeperRecords> {
  const records = new Map<string, SleeperRecord>();
  const skipped: Record<string, number> = {};
  const skip = (reason: string) => {
    skipped[reason] = (skipped[reason] ?? 0) + 1;
  };
  for await (const [key, value] of members) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      skip("not an object");
      continue;
    }
    // A record may lack its id, which is then the member's name.
    const withId = { ...value, player_id: "player_id" in value ? (value.player_id ?? key) : key };
    const parsed = v.safeParse(schema, withId, { abortEarly: true, abortPipeEarly: true });
    if (!parsed.success) skip(faultOf(v.getDotPath(parsed.issues[0])));
    else if (parsed.output.name === "") skip("no name");
    else if (records.has(parsed.output.player_id)) skip("duplicate player_id");
    else records.set(parsed.output.player_id, parsed.output);
  }
  return { records: [...records.values()], skipped };
}

/**
 * Why a record is skipped, by the field at fault. The value is left out, so that the same fault of many records
 * is counted as one.
 */
function faultOf(field: string | null): string {
  switch (field) {
    case "player_id":
      return "player_id is neither a whole number nor 1 to 64 printable characters";
    case "active":
      return "active is neither true, false nor null";
    default:
      return `${field} is neither null nor a string of up to ${TEXT_CHARACTERS_MAX} characters`;
  }
}
