import { expect, test } from "bun:test";
import { Sealing } from "../../src/housekeeping/sealing.ts";
import type { PersistenceBackend } from "../../src/persistence/backend.ts";
import type { ControlPort } from "../../src/router/control.ts";

/** A journal of which nothing is sealed before `seal` says so. */
function open() {
  const listeners: ((through: number) => void)[] = [];
  const journal = { segment: 1, sealed: 0 };
  const backend: Pick<PersistenceBackend, "rotate" | "sealedThrough" | "onSealed"> = {
    rotate: () => journal.segment++,
    sealedThrough: () => journal.sealed,
    onSealed: (listener) => void listeners.push(listener),
  };
  const control: Pick<ControlPort, "read"> = { read: async (read) => read() };
  return {
    sealing: new Sealing(control as ControlPort, backend as PersistenceBackend),
    seal(through: number): void {
      journal.sealed = through;
      for (const listener of listeners) listener(through);
    },
  };
}

test("each waiter is told when its segment is sealed, with what it saw at the cut", async () => {
  const { sealing, seal } = open();
  const [first, second] = [sealing.seal(() => "one"), sealing.seal(() => "two")];
  seal(1);
  expect(await first).toEqual({ through: 1, seen: "one" });
  seal(2);
  expect(await second).toEqual({ through: 2, seen: "two" });
});

test("when the storage fails, all waiters get the reason, and so do later ones", async () => {
  const { sealing } = open();
  const errorOf = (sealed: Promise<unknown>) => sealed.catch((error: Error) => error.message);
  const waiting = errorOf(sealing.seal(() => null));
  // Between its cut and its wait.
  const cut = errorOf(sealing.seal(() => sealing.fail(new Error("no space left"))));
  expect(await Promise.all([waiting, cut])).toEqual(["no space left", "no space left"]);
});
