/**
 * Reads the audit of a running exchange page by page. `waiver audit` shows it like that of a journal on disk.
 */
import { userId } from "../../identity/user.ts";
import { accountName } from "../../protocol/names.ts";
import { AUDIT_ENTRIES_MAX } from "../../protocol/schemas/audit.ts";
import type { AuditEntry } from "../audit/audit.ts";
import { isAfter, type JournalPoint, type JournalRange } from "../journal-range.ts";
import { type Asked, type Reply, request } from "./admin-client.ts";
import { findSymbolName } from "./find-symbol.ts";
import type { JournalOptions } from "./journal-options.ts";
import type { Program } from "./root-command.ts";

export interface AuditOptions extends JournalOptions, JournalRange {
  account?: number | undefined;
  user?: number | undefined;
  by?: string | undefined;
  symbol?: string | undefined;
  /** From the first record on. */
  all: boolean;
  limit?: number | undefined;
}

/** Prints an entry; returns whether somebody still reads. */
export type Print = (entry: AuditEntry) => boolean;

/** Where a page begins. */
interface Place {
  from_seq?: number;
  from?: string;
  newest?: true;
}

/**
 * Prints the entries that the options ask for; returns whether earlier ones are left out. `newest`: how many
 * are printed when the options have neither a beginning nor a limit.
 */
export async function askAudit(
  program: Program,
  options: AuditOptions,
  newest: number,
  print: Print,
): Promise<boolean> {
  const { from, to, all, limit } = options;
  const entries = entriesOf(program, options);
  if (all || from !== undefined) {
    let left = limit ?? Number.POSITIVE_INFINITY;
    for await (const entry of entries(from === undefined ? {} : placeOf(from))) {
      if (!print(entry) || --left === 0) break;
    }
    return false;
  }
  const most = limit ?? newest;
  // One entry more than wanted shows whether there are earlier ones.
  const isPage = to === undefined && most < AUDIT_ENTRIES_MAX;
  const last: AuditEntry[] = [];
  for await (const entry of entries(
    isPage ? { newest: true } : {},
    isPage ? most + 1 : undefined,
  )) {
    last.push(entry);
    if (last.length > 2 * most) last.splice(0, last.length - most - 1);
  }
  last.slice(-most).every(print);
  return last.length > most;
}

/** Makes a generator of the entries that the options ask for, from a place up to the end in the options. */
function entriesOf(program: Program, options: AuditOptions) {
  const { account, user, by, to } = options;
  return async function* (begin: Place, limit = AUDIT_ENTRIES_MAX): AsyncGenerator<AuditEntry> {
    const about = {
      account: account === undefined ? undefined : accountName(account),
      user: user === undefined ? undefined : userId(user),
      by,
      symbol: await findSymbolName(program, options.symbol),
    };
    for (let place: Place | null = begin; place !== null; ) {
      const query: Asked<"GET /admin/v1/audit">["query"] = { ...about, ...place, limit };
      const page: Reply<"GET /admin/v1/audit"> = await request(program, "GET /admin/v1/audit", {
        query,
      });
      for (const entry of page.entries as AuditEntry[]) {
        if (isAfter({ to }, entry)) return;
        yield entry;
      }
      place = page.next_seq === null ? null : { from_seq: page.next_seq };
    }
  };
}

function placeOf({ by, value }: JournalPoint): Place {
  if (by === "sequence") return { from_seq: value };
  return { from: by === "tick" ? `tick:${value}` : new Date(value).toISOString() };
}
