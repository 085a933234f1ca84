/**
 * The audit: who did what and when, and what came of it. The journal says who asked for what. The results are
 * computed again by a core of the audit's own, so an entry depends on nothing but the journal
 * (`docs/adr/0016-audit.md`).
 */

import { C_HEAD, COMMAND_INTS } from "../../core/command.ts";
import type { Core } from "../../core/create.ts";
import type { Events } from "../../core/event.ts";
import type { CommandBatch } from "../../persistence/backend.ts";
import { SnapshotStore } from "../../persistence/snapshot/snapshot-store.ts";
import type { AuditError, AuditEvent, AuditResult } from "../../protocol/schemas/audit.ts";
import { type CommandObject, commandObject } from "../../router/command-json.ts";
import { isAfter, isBefore, type JournalPoint, type JournalRange } from "../journal-range.ts";
import { type AuditFilter, concerns, isWanted } from "./filter.ts";
import { type JournalSource, JournalStartMissingError, replayJournal } from "./journal-replay.ts";
import { eventOf, replyOf } from "./outcome.ts";

/** A command and what came of it. */
export interface AuditEntry extends CommandObject {
  /** The result of a command that was done. Each entry has either this or `error`. */
  result?: AuditResult;
  /** Why the command was refused. */
  error?: AuditError;
  /** What happened beside the result, in its order; with a filter by account, to that account. */
  events: AuditEvent[];
}

/**
 * Hands the entries of `range` that fit `filter` to `onEntry`, in order, until it returns false. Throws what
 * `replayJournal` does.
 */
export function readAudit(
  source: JournalSource,
  range: JournalRange,
  filter: AuditFilter,
  onEntry: (entry: AuditEntry) => boolean,
): void {
  replayJournal(source, range, (core, batch) => readTick(core, batch, range, filter, onEntry));
}

export interface NewestEntries {
  /** Oldest first. */
  entries: AuditEntry[];
  /** There are earlier entries that are left out, or there may be some before the part that was read. */
  hasEarlier: boolean;
}

/**
 * The last `limit` entries up to `to` that fit `filter`. Reads from the newest snapshot on, and begins earlier
 * only when there are too few. `onTick` is called with the number of each tick. Throws what `replayJournal`
 * does.
 */
export function newestAudit(
  source: JournalSource,
  to: JournalPoint | undefined,
  filter: AuditFilter,
  limit: number,
  onTick?: (tick: number) => void,
): NewestEntries {
  let newest: NewestEntries | null = null;
  for (const from of startsOf(source)) {
    const kept: AuditEntry[] = [];
    let count = 0;
    const keep = (entry: AuditEntry): boolean => {
      kept[count++ % limit] = entry;
      return true;
    };
    const range = { from, to };
    try {
      replayJournal(source, range, (core, batch) => {
        onTick?.(batch.tick);
        return readTick(core, batch, range, filter, keep);
      });
    } catch (error) {
      if (newest !== null && error instanceof JournalStartMissingError) return newest;
      throw error;
    }
    const oldest = count > limit ? count % limit : 0;
    const entries = [...kept.slice(oldest), ...kept.slice(0, oldest)];
    newest = { entries, hasEarlier: count > limit || from !== undefined };
    if (count > limit) break;
  }
  return newest ?? { entries: [], hasEarlier: false };
}

/**
 * Where to begin reading, to be tried in this order: after the newest snapshot, after the oldest one, at the
 * first record.
 */
function startsOf({ snapshotDir }: JournalSource): (JournalPoint | undefined)[] {
  const ticks = new SnapshotStore(snapshotDir).ticks();
  const ends = new Set(ticks.length === 0 ? [] : [Math.max(...ticks), Math.min(...ticks)]);
  return [...[...ends].map((tick) => ({ by: "tick" as const, value: tick + 1 })), undefined];
}

/** Hands over the entries of one tick; false when no more are wanted. */
function readTick(
  core: Core,
  batch: CommandBatch,
  range: JournalRange,
  filter: AuditFilter,
  onEntry: (entry: AuditEntry) => boolean,
): boolean {
  const { tick, firstSequence, timestamp, count } = batch;
  const last = { sequence: firstSequence + count - 1, tick, timestamp };
  if (isBefore(range, last)) return true;
  const { events } = core;
  const eventsEnd = events.end();
  let end = 0;
  for (let i = 0; i < count; i++) {
    const first = end;
    while (end < eventsEnd && events.command(end) === i) end = events.next(end);
    const place = { sequence: firstSequence + i, tick, timestamp };
    if (isBefore(range, place)) continue;
    if (isAfter(range, place)) return false;
    if (!isWanted(filter, core, batch, batch.first + i, first, end)) continue;
    if (!onEntry(entryOf(events, batch, i, first, end, filter.account))) return false;
  }
  return true;
}

/** The entry of record `index`, whose events lie from `first` up to `end`. */
function entryOf(
  events: Events,
  batch: CommandBatch,
  index: number,
  first: number,
  end: number,
  account: number | undefined,
): AuditEntry {
  const record = batch.first + index;
  const kind = batch.ints[record * COMMAND_INTS + C_HEAD] & 255;
  const shown: AuditEvent[] = [];
  let reply = {};
  for (let e = first; e < end; e = events.next(e)) {
    if (events.isReply(e)) {
      reply = replyOf(events, e, kind);
    } else if (account === undefined || concerns(account, events, e)) {
      const event = eventOf(events, e);
      if (event !== null) shown.push(event);
    }
  }
  return { ...commandObject(batch, record, batch.tick), ...reply, events: shown };
}
