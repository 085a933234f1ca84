import { expect, test } from "bun:test";
import { loadConfig } from "../../src/config/config.ts";
import { CommandKind } from "../../src/core/command.ts";
import { RULES_VERSION } from "../../src/core/rules.ts";
import { applyMarketRules } from "../../src/execution/market-rules.ts";
import type { ControlCommand, ControlPort, ControlReply } from "../../src/router/control.ts";
import { createRig } from "./rig.ts";

const { market } = loadConfig({ env: {} });
const CONFIGURED = {
  ...market,
  orderQuantityMax: 500,
  priceBandBps: 1000,
  priceBandWindowMs: 60_000,
  makerFeeBps: 2,
  takerFeeBps: 5,
};

/** What every start sees to first: the lengths of window, pause and auction have defaults. */
const PROTECTION = {
  kind: CommandKind.SET_SYMBOL_PROTECTION,
  symbol: -1,
  quantity: 0,
  price: 0,
  stopPrice: 60_000,
  orderSlot: 120_000,
  orderGeneration: 30_000,
  amount: 0,
};

const BAND = {
  kind: CommandKind.SET_SYMBOL_RULES,
  symbol: -1,
  quantity: 500,
  amount: 1000,
};

/** As the program has them, so a first start need not set them. */
const SHARES = {
  kind: CommandKind.SET_SHARES,
  account: -1,
  quantity: 100_000,
  price: 16_384,
  stopPrice: 4096,
  amount: 131_072,
};

const RULES = { kind: CommandKind.SET_RULES, quantity: RULES_VERSION, amount: 1 };

/** A control port that notes its commands. */
function withNotes(control: ControlPort) {
  const commands: ControlCommand[] = [];
  const noting: ControlPort = {
    submit: (command) => {
      commands.push(command);
      return control.submit(command);
    },
    read: control.read,
  };
  return { commands, noting };
}

test("the rules of this version hold from the start, with a seed that differs between exchanges", async () => {
  const seeds: (number | undefined)[] = [];
  for (let i = 0; i < 2; i++) {
    const { control, core } = createRig();
    const { commands, noting } = withNotes(control);
    await applyMarketRules(noting, core.view, market);
    expect(commands).toEqual([{ ...RULES, amount: expect.any(Number) }, PROTECTION]);
    expect(core.view.rulesVersion()).toBe(RULES_VERSION);
    seeds.push(commands[0]?.amount);
  }
  expect(new Set(seeds).size).toBe(2);
});

test("does nothing if the core has the configured rules", async () => {
  const { control, core } = createRig();
  await control.submit(RULES);
  await control.submit(PROTECTION);
  await applyMarketRules(control, core.view, market);
  expect(core.view.sequence()).toBe(2);
});

test("changes the core's rules to the configured ones, once, and back again", async () => {
  const { control, core } = createRig();
  await applyMarketRules(control, core.view, CONFIGURED);
  expect(core.view.sequence()).toBe(4);
  await applyMarketRules(control, core.view, CONFIGURED);
  expect(core.view.sequence()).toBe(4);

  const { commands, noting } = withNotes(control);
  const noBand = { ...CONFIGURED, priceBandBps: 0 };
  await applyMarketRules(noting, core.view, noBand);
  await applyMarketRules(noting, core.view, { ...CONFIGURED, priceBandWindowMs: 1_000 });
  await applyMarketRules(noting, core.view, noBand);
  const unbanded = { ...noBand, takerFeeBps: 0 };
  await applyMarketRules(noting, core.view, unbanded);
  expect(commands).toEqual([
    { ...BAND, amount: 0, orderSlot: 0 },
    { ...BAND, orderSlot: 1_000 },
    { ...BAND, amount: 0, orderSlot: 0 },
    { kind: CommandKind.SET_FEES, price: 2, quantity: 0 },
  ]);

  // Each protection alone brings all of them into line, and a rebate is a fee.
  commands.length = 0;
  const changes = [
    { orderNotionalMax: 2 ** 40 },
    { openOrdersMax: 7 },
    { volatilityMoveBps: 500 },
    { volatilityWindowMs: 1000 },
    { volatilityPauseMs: 2000 },
    { volatilityAuctionMs: 3000 },
    { makerFeeBps: -3, takerFeeBps: 4 },
  ];
  let changed = unbanded;
  for (const change of changes) {
    changed = { ...changed, ...change };
    await applyMarketRules(noting, core.view, changed);
    await applyMarketRules(noting, core.view, changed);
  }
  const steps = [
    { amount: 2 ** 40 },
    { quantity: 7 },
    { price: 500 },
    { stopPrice: 1000 },
    { orderSlot: 2000 },
    { orderGeneration: 3000 },
  ];
  let protection = PROTECTION;
  expect(commands).toEqual([
    ...steps.map((step) => {
      protection = { ...protection, ...step };
      return protection;
    }),
    { kind: CommandKind.SET_FEES, price: -3, quantity: 4 },
  ]);
});

test("the limits of accounts are set when one of them changes, and set back", async () => {
  const { control, core } = createRig();
  await applyMarketRules(control, core.view, market);
  const { commands, noting } = withNotes(control);
  const changes = [
    [{ openOrders: 7 }, { quantity: 7 }],
    [{ ladderPages: 8 }, { price: 8 }],
    [{ positions: 9 }, { stopPrice: 9 }],
    [{ clientOrderIds: 10 }, { amount: 10 }],
  ] as const;
  for (const [change, fields] of changes) {
    commands.length = 0;
    const changed = { ...market, shares: { ...market.shares, ...change } };
    for (const config of [changed, changed, market, market]) {
      await applyMarketRules(noting, core.view, config);
    }
    expect(commands).toEqual([{ ...SHARES, ...fields }, SHARES]);
  }
});

test("a refusal stops the start", async () => {
  const { core } = createRig();
  const refusing = {
    submit: async () => ({ code: 40001 }) as ControlReply,
    read: async <T>(read: () => T) => read(),
  };
  await expect(applyMarketRules(refusing, core.view, CONFIGURED)).rejects.toThrow("40001");
});
