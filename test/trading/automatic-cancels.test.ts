import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CancelCause } from "../../src/core/command.ts";
import type { ControlCommand, ControlPort, ControlReply } from "../../src/router/control.ts";
import { UnavailableError } from "../../src/router/control.ts";
import { ArmedCancels } from "../../src/trading/armed-cancels.ts";
import { AutomaticCancels } from "../../src/trading/automatic-cancels.ts";
import { openGateway } from "../gateway/rig.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "waiver-cancels-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

const place = (client_order_id: string) => ({
  method: "order.place",
  params: {
    symbol: "SYMBOL_1",
    side: "BUY",
    type: "LIMIT",
    quantity: 1,
    price: 100,
    client_order_id,
  },
});

test("orders that are cancelled automatically have the reason", async () => {
  await using rig = await openGateway();
  const keys = await rig.createUser();
  const leaving = rig.connect("orders");
  rig.send(leaving, { method: "auth.login", params: { ...keys, cancel_on_disconnect: true } });
  const staying = rig.connectAs(keys);
  const reasonOf = async (client_order_id: string) => {
    const status = { method: "order.status", params: { client_order_id } };
    const { result } = (await rig.ask(staying, status)) as { result: { reason?: string } };
    return result.reason;
  };
  await rig.ask(leaving, place("one"));
  leaving.close(1006, "");
  expect(await reasonOf("one")).toBe("DISCONNECT");
  await rig.ask(staying, place("two"));
  rig.switches.arm({ openedAt: 0 }, 1, 1, 100_000);
  rig.switches.letGo();
  expect(await reasonOf("two")).toBe("DEAD_MANS_SWITCH");
  await rig.ask(staying, place("three"));
  await rig.ask(staying, { method: "order.cancel_all" });
  expect(await reasonOf("three")).toBe("CANCEL_ALL");
  expect(rig.warnings).toEqual([]);
});

test("a connection that ends on the way down is cancelled for, before all are and after", async () => {
  await using rig = await openGateway();
  const leaving = rig.connect("orders");
  const keys = await rig.createUser();
  rig.send(leaving, { method: "auth.login", params: { ...keys, cancel_on_disconnect: true } });
  await rig.ask(leaving, place("one"));
  const again = rig.connect("orders");
  rig.send(again, { method: "auth.login", params: { ...keys, cancel_on_disconnect: true } });
  rig.lifecycle.drain();
  leaving.close(1012, "");
  await rig.loop.drained();
  expect([rig.view.openOrderCount(), rig.armedCancels.all().length]).toEqual([0, 1]);
  rig.connections.cancelOrders();
  await rig.loop.drained();
  const ticks = rig.ticks.length;
  again.close(1012, "");
  await rig.loop.drained();
  expect([rig.ticks.length, rig.armedCancels.all()]).toEqual([ticks, []]);
});

/** A port that refuses commands with `errors` and reads with `readErrors`, one after the other, and then takes all. */
function open(errors: UnavailableError[], readErrors: UnavailableError[] = []) {
  const taken: ControlCommand[] = [];
  const warnings: object[] = [];
  const port: ControlPort = {
    submit(command) {
      const error = errors.shift();
      if (error !== undefined) return Promise.reject(error);
      taken.push(command);
      return Promise.resolve({} as ControlReply);
    },
    async read(read) {
      const error = readErrors.shift();
      if (error !== undefined) throw error;
      return read();
    },
  };
  const log = {
    info: () => {},
    warn: (fields: object) => void warnings.push(fields),
    error: () => {},
  };
  const armed = ArmedCancels.open({ path: join(directory, "armed"), log });
  return { cancels: new AutomaticCancels(port, armed, log), armed, taken, warnings };
}

test("a full ring is tried again after its tick; a cancel that stays impossible is reported to the operator", async () => {
  const full = new UnavailableError(50300, "overloaded");
  const failed = new UnavailableError(50700, "failed");
  const { cancels, armed, taken, warnings } = open([full, full, failed]);
  cancels.arm(CancelCause.DISCONNECT, 3, 7);
  cancels.arm(CancelCause.DEAD_MANS_SWITCH, 4, 8);
  await cancels.carryOut(CancelCause.DISCONNECT, 3, 7);
  expect(taken).toEqual([]);
  expect(warnings).toEqual([{ account: 3, error: "UnavailableError: failed" }]);
  // What could not be is done at the next start.
  expect(armed.all()).toHaveLength(2);
  await cancels.carryOutLeft();
  expect(taken).toEqual([
    { kind: 4, account: 3, actor: 7, flags: 1 },
    { kind: 4, account: 4, actor: 8, flags: 2 },
  ]);
  expect(armed.all()).toEqual([]);
  armed.close();
});

test("a full ring is tried again also when too many reads wait for its tick", async () => {
  const full = new UnavailableError(50300, "overloaded");
  const { cancels, armed, taken, warnings } = open([full, full], [full]);
  cancels.arm(CancelCause.DISCONNECT, 3, 7);
  await cancels.carryOut(CancelCause.DISCONNECT, 3, 7);
  expect(taken).toEqual([{ kind: 4, account: 3, actor: 7, flags: 1 }]);
  expect([warnings, armed.all()]).toEqual([[], []]);
  armed.close();
});
