import { expect, test } from "bun:test";
import { CommandKind } from "../../src/core/command.ts";
import { CapacityLimit, InvalidField, Reject } from "../../src/core/reject.ts";
import { type ControlCommand, UnavailableError } from "../../src/router/control.ts";
import { listSymbol } from "../core/command-builder.ts";
import { createRig } from "./rig.ts";

test("resolves with the result of the command when it is durable", async () => {
  const { control } = createRig();
  const replies = await Promise.all([
    control.submit({ kind: CommandKind.OPEN_ACCOUNT, account: 1, actor: 1 }),
    control.submit({ kind: CommandKind.LIST_SYMBOL, symbol: 3, price: 5, text: "4046" }),
    control.submit({ kind: CommandKind.DEPOSIT_CASH, account: 1, amount: 70 }),
    control.submit({ kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 3, amount: 8 }),
    control.submit({ kind: CommandKind.DEPOSIT_CASH, account: 1, amount: -100 }),
    control.submit({ kind: CommandKind.DEPOSIT_CASH, account: 1, amount: 2 ** 53 - 1 }),
    control.submit({ kind: CommandKind.OPEN_ACCOUNT, account: 1, actor: 1 }),
    control.submit({ kind: CommandKind.NOTE, text: "note" }),
  ]);
  const stamp = { tick: 1, timestamp: 1000 };
  const none: [number, number] = [0, 0];
  const done = { code: 0, detail: 0, because: none, count: 0, amount: 0, order: null, ...stamp };
  expect(replies).toEqual([
    { ...done, count: 1, sequence: 1 },
    { ...done, sequence: 2 },
    { ...done, amount: 70, sequence: 3 },
    { ...done, amount: 8, sequence: 4 },
    { ...done, code: Reject.INSUFFICIENT_FUNDS, because: [100, 70], sequence: 5 },
    { ...done, code: Reject.CAPACITY, detail: CapacityLimit.CASH, sequence: 6 },
    { ...done, code: Reject.INVALID_PARAMETER, detail: InvalidField.ACCOUNT, sequence: 7 },
    { ...done, sequence: 8 },
  ]);
});

test("waits for the disk", async () => {
  const { control, core, journal, inFlight } = createRig();
  journal.isHolding = true;
  const told: string[] = [];
  const reply = control.submit({ kind: CommandKind.NOTE }).then(() => told.push("reply"));
  const read = control.read(() => core.view.tick()).then((tick) => told.push(`read ${tick}`));
  await inFlight();
  expect(told).toEqual([]);
  journal.letGo();
  await Promise.all([reply, read]);
  expect(told.toSorted()).toEqual(["read 1", "reply"]);
});

test("a read rejects with what it throws", async () => {
  const { control } = createRig();
  const error = new Error("no such thing");
  await expect(
    control.read(() => {
      throw error;
    }),
  ).rejects.toBe(error);
});

test("rejects when the ring is full, the storage has failed or the exchange is closing", async () => {
  const { control, lifecycle, disk, client, loop } = createRig({ ringCommands: 4 });
  const note = () => control.submit({ kind: CommandKind.NOTE });
  const refused = (code: number, message: string) => ({
    status: "rejected" as const,
    reason: new UnavailableError(code, message),
  });

  const filler = client();
  filler.send("1", listSymbol({ symbol: 0 }));
  filler.send("2", listSymbol({ symbol: 1 }));
  expect(await Promise.allSettled([note()])).toEqual([refused(50300, "overloaded")]);
  await loop.drained();

  disk.flushFault = new Error("EIO");
  const storage = refused(50700, "storage failed");
  expect(await Promise.allSettled([note(), note()])).toEqual([storage, storage]);
  expect(await Promise.allSettled([note()])).toEqual([storage]);

  lifecycle.close();
  expect(await Promise.allSettled([note()])).toEqual([refused(50302, "shutting down")]);
});

test("a command that cannot be written does not reach the journal", async () => {
  const { control, core } = createRig();
  const listing = { kind: CommandKind.LIST_SYMBOL, symbol: 0, price: 1 };
  for (const text of ["x".repeat(65), "é", "a\0b"]) {
    await expect(control.submit({ ...listing, text })).rejects.toThrow(RangeError);
  }
  await control.submit({ kind: CommandKind.NOTE });
  expect([core.view.sequence(), core.view.isListed(0)]).toEqual([1, false]);
});

test("a read of a tick that was applied and not stored is refused", async () => {
  const { control, client, disk, journal, inFlight } = createRig();
  journal.isHolding = true;
  client().send("1", listSymbol({ symbol: 0 }));
  const reads = [control.read(() => "gathering")];
  await inFlight();
  reads.push(control.read(() => "in flight"));
  disk.flushFault = new Error("EIO");
  journal.letGo();
  reads.push(control.read(() => "afterwards"));
  const reason = new UnavailableError(50700, "storage failed");
  const refused = { status: "rejected" as const, reason };
  expect(await Promise.allSettled(reads)).toEqual([refused, refused, refused]);
});

test("rejects a text that a record cannot hold, and writes nothing to the journal", async () => {
  const { control, core } = createRig();
  const { NOTE, SET_FEES, DEPOSIT_CASH } = CommandKind;
  const refused = (command: ControlCommand) => expect(control.submit(command)).rejects;
  await refused({ kind: NOTE, text: "ü" }).toThrow('text = "ü": expected up to 64 printable');
  await refused({ kind: NOTE, text: "x".repeat(65) }).toThrow(/^text = "x+": expected up to 64/);
  const by = "y".repeat(29);
  await refused({ kind: DEPOSIT_CASH, by }).toThrow(`by = "${by}": expected up to 28 printable`);
  await refused({ kind: SET_FEES, by: "ann" }).toThrow('by = "ann": a command of kind 35 has no');
  const { sequence } = await control.submit({ kind: NOTE, text: "x".repeat(64), by: "ann" });
  expect([sequence, core.view.sequence()]).toEqual([1, 1]);
});
