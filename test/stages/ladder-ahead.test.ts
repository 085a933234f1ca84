import { expect, test } from "bun:test";
import { SLICE_COMMANDS } from "../../src/execution/execution-manager.ts";
import { openPopulate } from "../../src/host/madvise.ts";
import { store } from "../../src/lib/store.ts";
import { ladderAhead } from "../../src/stages/ladder-ahead.ts";
import { backed, freshTable } from "../host/backed.ts";

const MIB = 1 << 20;
const PAGE_BYTES = 4096;
const isKnown = openPopulate() !== null;

test.skipIf(!isKnown)(
  "a slice of orders finds the pages that it opens, once the ladder grows",
  () => {
    const table = freshTable(16 * MIB);
    const pagesAtFirst = 20;
    let pages = pagesAtFirst;
    const used = (): number => (pages * PAGE_BYTES) / 4;
    const ahead = ladderAhead({ store: store("levels", table, used), orderBytes: PAGE_BYTES });
    ahead.back();
    expect(backed(table)).toBe(0);
    pages++;
    for (; pages < 2_000; pages += SLICE_COMMANDS) {
      ahead.back();
      const missing = pages - pagesAtFirst + SLICE_COMMANDS - (backed(table) * MIB) / PAGE_BYTES;
      // Systems have pages of up to 64 KiB: the first ones may share theirs with what was there.
      expect(missing).toBeLessThanOrEqual(16);
    }
  },
);
