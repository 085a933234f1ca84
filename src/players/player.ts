/** What a symbol stands for: an NFL player, a team's defence, or a place in a team's depth chart. */
export interface Player {
  /** 1 to 64 characters of printable ASCII without spaces, because a command record has it. */
  readonly player_id: string;
  readonly name: string;
  /** Sleeper's abbreviation: `KC`. */
  readonly team: string;
  /** `QB`, `RB`, `WR`, `TE`, `K` or `DEF`. */
  readonly position: string;
  /** The number on the jersey. */
  readonly number: number | null;
  /** Sleeper's word: `Active`, `Injured Reserve`, … */
  readonly status: string;
}

/** Where a player is known from. */
export type PlayerSource = "sleeper" | "offline";
