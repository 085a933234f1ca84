import { expect, test } from "bun:test";
import type { ControlCommand, ControlPort, ControlReply } from "../../src/router/control.ts";
import { UnavailableError } from "../../src/router/control.ts";
import { AutomaticCancels } from "../../src/trading/automatic-cancels.ts";
import { openGateway } from "../gateway/rig.ts";

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

test("orders that are cancelled for a client say why", async () => {
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

test("a connection that ends on the way down is not cancelled for: that has been done already", async () => {
  await using rig = await openGateway();
  const leaving = rig.connect("orders");
  const keys = await rig.createUser();
  rig.send(leaving, { method: "auth.login", params: { ...keys, cancel_on_disconnect: true } });
  await rig.ask(leaving, place("one"));
  rig.lifecycle.drain();
  const ticks = rig.ticks.length;
  leaving.close(1012, "");
  await rig.loop.drained();
  expect([rig.ticks.length, rig.view.openOrderCount()]).toEqual([ticks, 1]);
  const again = rig.connect("orders");
  rig.send(again, { method: "auth.login", params: { ...keys, cancel_on_disconnect: true } });
  rig.connections.cancelOrders();
  await rig.loop.drained();
  expect(rig.view.openOrderCount()).toBe(0);
});

/** A port that refuses what `errors` says, one after the other, and then takes what comes. */
function open(...errors: UnavailableError[]) {
  const taken: ControlCommand[] = [];
  const warnings: object[] = [];
  const port: ControlPort = {
    submit(command) {
      const error = errors.shift();
      if (error !== undefined) return Promise.reject(error);
      taken.push(command);
      return Promise.resolve({} as ControlReply);
    },
    read: async (read) => read(),
  };
  const log = {
    info: () => {},
    warn: (fields: object) => void warnings.push(fields),
    error: () => {},
  };
  return { cancels: new AutomaticCancels(port, log), taken, warnings };
}

test("a full ring is tried again after its tick; what cannot be is told to the operator", async () => {
  const full = new UnavailableError(50300, "overloaded");
  const { cancels, taken, warnings } = open(full, full, new UnavailableError(50700, "failed"));
  cancels.onDisconnect(3, 7);
  await new Promise((resolve) => setImmediate(resolve));
  expect(taken).toEqual([]);
  expect(warnings).toEqual([{ account: 3, error: "UnavailableError: failed" }]);
  cancels.onDisconnect(3, 7);
  cancels.onSwitch(4, 8);
  expect(taken).toEqual([
    { kind: 4, account: 3, actor: 7, flags: 1 },
    { kind: 4, account: 4, actor: 8, flags: 2 },
  ]);
});
