import { expect, test } from "bun:test";
import { loadConfig } from "../../src/config/config.ts";
import { CommandKind } from "../../src/core/command.ts";
import { applyMarketRules } from "../../src/execution/market-rules.ts";
import type { ControlCommand, ControlReply } from "../../src/router/control.ts";
import { createRig } from "./rig.ts";

const { market } = loadConfig({ env: {} });
const CONFIGURED = {
  ...market,
  orderQuantityMax: 500,
  priceBandBps: 1000,
  makerFeeBps: 2,
  takerFeeBps: 5,
};

test("asks for nothing when the core has what is configured", async () => {
  const { control, core } = createRig();
  await applyMarketRules(control, core, market);
  expect(core.sequence()).toBe(0);
});

test("brings the core in line, once, and back again", async () => {
  const { control, core } = createRig();
  await applyMarketRules(control, core, CONFIGURED);
  expect(core.sequence()).toBe(2);
  await applyMarketRules(control, core, CONFIGURED);
  expect(core.sequence()).toBe(2);

  const commands: ControlCommand[] = [];
  const noting = {
    submit: (command: ControlCommand) => {
      commands.push(command);
      return control.submit(command);
    },
    read: control.read,
  };
  await applyMarketRules(noting, core, { ...CONFIGURED, priceBandBps: 0 });
  await applyMarketRules(noting, core, { ...CONFIGURED, priceBandBps: 0, takerFeeBps: 0 });
  expect(commands).toEqual([
    { kind: CommandKind.SET_SYMBOL_RULES, symbol: -1, quantity: 500, amount: 0 },
    { kind: CommandKind.SET_FEES, price: 2, quantity: 0 },
  ]);
});

test("a refusal stops the start", async () => {
  const { core } = createRig();
  const refusing = {
    submit: async () => ({ code: 40001 }) as ControlReply,
    read: async <T>(read: () => T) => read(),
  };
  await expect(applyMarketRules(refusing, core, CONFIGURED)).rejects.toThrow("40001");
});
