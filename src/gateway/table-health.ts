/**
 * The component "tables" of `/readyz`: degraded while a table that all accounts share is nearly full. For each table a line
 * is logged when that begins, and one when it is over.
 */
import type { CoreView, TableName } from "../core/view.ts";
import type { WallClock } from "../lib/clocks.ts";
import type { Log } from "../lib/log.ts";
import type { Component } from "../protocol/schemas/admin-replies.ts";
import { HealthState } from "./health.ts";

/** A table is nearly full from the first percentage in use on, until it is below the second. */
const NEARLY_FULL_PERCENT = 80;
const ROOM_AGAIN_PERCENT = 75;

/**
 * Tables that forget their oldest entries when they are full are not among these. Nor is that of symbols, because the
 * component `players` says when there are more players than can be listed.
 */
const WATCHED: readonly TableName[] = ["orders", "ladder_pages", "positions", "accounts"];

export interface TableHealthParts extends WallClock {
  view: Pick<CoreView, "tables">;
  log: Log;
}

export class TableHealth {
  readonly #parts: TableHealthParts;
  readonly #state: HealthState;
  readonly #nearlyFull = new Set<TableName>();

  constructor(parts: TableHealthParts) {
    this.#parts = parts;
    this.#state = new HealthState(parts.now);
  }

  /** How full the tables are. Read at every request and every second. */
  read = (): Component => {
    const tables = this.#parts.view.tables();
    for (const name of WATCHED) this.#look(name, tables[name]);
    const reasons = WATCHED.filter((name) => this.#nearlyFull.has(name)).map(
      (name) => `${name}: ${tables[name].used} of ${tables[name].limit} in use`,
    );
    if (reasons.length === 0) this.#state.set("ok");
    else this.#state.set("degraded", reasons.join("; "));
    return this.#state.read();
  };

  #look(table: TableName, { used, limit }: { used: number; limit: number }): void {
    const isNoted = this.#nearlyFull.has(table);
    const percent = isNoted ? ROOM_AGAIN_PERCENT : NEARLY_FULL_PERCENT;
    const isNearlyFull = used * 100 >= limit * percent;
    if (isNearlyFull === isNoted) return;
    if (isNearlyFull) {
      this.#nearlyFull.add(table);
      this.#parts.log.warn(
        { table, used, limit },
        "a table that all accounts share is nearly full",
      );
    } else {
      this.#nearlyFull.delete(table);
      this.#parts.log.info({ table, used, limit }, "the table has room again");
    }
  }
}
