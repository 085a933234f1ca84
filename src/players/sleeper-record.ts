/**
 * What Sleeper says of one player, as far as we use it. The reply is foreign data: numbers
 * come as text, ids as numbers, anything as null, and only a record that cannot be used is skipped.
 */
import * as v from "valibot";

const TEXT_CHARACTERS_MAX = 100;

/** What is not seen: controls, and what only directs other characters, such as a change of their direction. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** Formats that make one sign of several: in emoji, and in words of Persian and Hindi. */
const JOINERS = "\u200c\u200d";
/** More marks on one character than any language has: they lie over what is around. */
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

/** A number on a jersey. No player is left out for an odd one. */
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

/** Reads the members of a whole reply, records by player id. Of two with one id the first counts. */
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
    // A record without its id is still filed under it.
    const withId = { ...value, player_id: "player_id" in value ? (value.player_id ?? key) : key };
    const parsed = v.safeParse(schema, withId, { abortEarly: true, abortPipeEarly: true });
    if (!parsed.success) skip(faultOf(v.getDotPath(parsed.issues[0])));
    else if (parsed.output.name === "") skip("no name");
    else if (records.has(parsed.output.player_id)) skip("duplicate player_id");
    else records.set(parsed.output.player_id, parsed.output);
  }
  return { records: [...records.values()], skipped };
}

/** What the field of a skipped record is not. Without its value, so that the same fault of many records is one. */
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
