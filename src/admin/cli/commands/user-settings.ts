/** `waiver user limits`, `fees` and `short`: a user's limits and fees, and whether he may sell short. */

import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { FEE_BPS_MAX } from "../../../protocol/schemas/users.ts";
import { request } from "../admin-client.ts";
import type { Answer } from "../answers.ts";
import { CliError } from "../cli-error.ts";
import { example } from "../example.ts";
import { fields, print } from "../output.ts";
import { onOrOff, parseInteger, USER_OR_ACCOUNT_HELP } from "../parse.ts";
import type { Group, Program } from "../root-command.ts";
import { termsOf } from "./account.ts";

type Settings = Answer<"user limits">;
type RateLimits = Settings["rate_limits"];

/** 0 means the limit of everybody, as in the account's limits. */
const NO_RATE_LIMITS = { orders_per_second: 0, market_data_per_second: 0, burst_limit: 0 };

export function addUserSettings(program: Program, user: Group): void {
  addLimits(program, user);
  addFees(program, user);
  addShort(program, user);
}

function addLimits(program: Program, user: Group): void {
  user
    .command("limits")
    .description(
      "Shows a user's limits, or sets those that are given; 0 goes back to the limit of everybody.",
    )
    .argument("<user>", USER_OR_ACCOUNT_HELP)
    .option("--orders-per-second <n>", "orders a second", parseLimitOrNone)
    .option("--market-data-per-second <n>", "market-data requests a second", parseLimitOrNone)
    .option("--burst-limit <n>", "orders at once", parseLimitOrNone)
    .option("--open-orders <n>", "open orders of the account", parseLimitOrNone)
    .option("--ladder-pages <n>", "ranges of 256 prices with its orders", parseLimitOrNone)
    .option("--positions <n>", "symbols that it may have orders of", parseLimitOrNone)
    .option("--client-order-ids <n>", "ids of done orders that are kept", parseLimitOrNone)
    .addHelpText("after", example("user limits usr_1 --orders-per-second 500 --open-orders 2000"))
    .action((id, options) =>
      change(program, "user limits", id, async ({ user_id, account_id, rate_limits, settings }) => {
        const rates = merged(rate_limits, rateLimits(options));
        const { openOrders, ladderPages, positions, clientOrderIds } = options;
        const limits = {
          ...settings.limits,
          ...(openOrders !== undefined && { open_orders: openOrders }),
          ...(ladderPages !== undefined && { ladder_pages: ladderPages }),
          ...(positions !== undefined && { positions }),
          ...(clientOrderIds !== undefined && { client_order_ids: clientOrderIds }),
        };
        const hasNewRates = !Bun.deepEquals(rates, rate_limits);
        if (hasNewRates) {
          const asked = { params: { id: user_id }, body: rates };
          await request(program, "POST /admin/v1/users/:id/rate-limits", asked);
        }
        const hasNewLimits = !Bun.deepEquals(limits, settings.limits);
        if (hasNewLimits) {
          const asked = { params: { id: account_id }, body: limits };
          await request(program, "POST /admin/v1/accounts/:id/limits", asked);
        }
        return hasNewRates || hasNewLimits;
      }),
    );
}

function addFees(program: Program, user: Group): void {
  user
    .command("fees")
    .description(
      "Shows the fees that a user pays, gives him fees of his own, or goes back to those of everybody.",
    )
    .argument("<user>", USER_OR_ACCOUNT_HELP)
    .option("--maker <bps>", "basis points; negative is a rebate", parseBps)
    .option("--taker <bps>", "basis points", parseBps)
    .addOption(
      new Option("--as-everybody", "fees of everybody again").conflicts(["maker", "taker"]),
    )
    .addHelpText("after", example("user fees usr_1 --maker -2 --taker 5"))
    .action((id, { maker, taker, asEverybody }) =>
      change(program, "user fees", id, async ({ account_id, settings }) => {
        const isGiven = maker !== undefined || taker !== undefined;
        if (!isGiven && asEverybody !== true) return false;
        const { may_short, maker_bps, taker_bps } = settings;
        const fees = { maker_bps: maker ?? maker_bps, taker_bps: taker ?? taker_bps };
        const body = { may_short, ...(isGiven && { fees }) };
        const typed = { maker_bps: "--maker", taker_bps: "--taker" };
        const asked = { params: { id: account_id }, body, typed };
        await request(program, "POST /admin/v1/accounts/:id/settings", asked);
        return true;
      }),
    );
}

function addShort(program: Program, user: Group): void {
  user
    .command("short")
    .description("Allows a user to sell shares that he does not have, or forbids it again.")
    .argument("<user>", USER_OR_ACCOUNT_HELP)
    .addArgument(onOrOff("whether he may"))
    .addHelpText("after", example("user short usr_1 on"))
    .action((id, state) =>
      change(program, "user short", id, async ({ account_id, settings }) => {
        const { own_fees, maker_bps, taker_bps } = settings;
        const body = {
          may_short: state === "on",
          ...(own_fees && { fees: { maker_bps, taker_bps } }),
        };
        const asked = { params: { id: account_id }, body };
        await request(program, "POST /admin/v1/accounts/:id/settings", asked);
        return true;
      }),
    );
}

/** Calls `set`, which returns whether it changed anything, and prints the user's settings after it. */
async function change(
  program: Program,
  name: "user limits" | "user fees" | "user short",
  id: string,
  set: (before: Settings) => Promise<boolean>,
): Promise<void> {
  const before = await settingsOf(program, id);
  const now = (await set(before)) ? await settingsOf(program, id) : before;
  print(program, name, now, settingsText);
}

/** `id`: a user, for the user's first account, or one of a user's accounts. */
async function settingsOf(program: Program, id: string): Promise<Settings> {
  const { users } = await request(program, "GET /admin/v1/users");
  const user = users.find(({ user_id, account_ids }) => user_id === id || account_ids.includes(id));
  const account_id = user?.user_id === id ? user.account_ids[0] : id;
  if (user === undefined || account_id === undefined) {
    throw new CliError(`There is no user ${id}: \`waiver user list\` lists them.`);
  }
  const { user_id, rate_limits } = user;
  const params = { id: account_id };
  const { settings } = await request(program, "GET /admin/v1/accounts/:id", { params });
  return { user_id, account_id, rate_limits, settings };
}

function settingsText({ user_id, account_id, rate_limits, settings }: Settings): string {
  const own = { ...NO_RATE_LIMITS, ...rate_limits, ...settings.limits };
  const limitTexts = Object.entries(own).map(([name, most]) => [name, most || "as everybody"]);
  return fields({
    user: user_id,
    account: account_id,
    ...termsOf(settings),
    ...Object.fromEntries(limitTexts),
  });
}

/** Rate limits from the options, in the form of the admin API. */
export function rateLimits({
  ordersPerSecond,
  marketDataPerSecond,
  burstLimit,
}: {
  ordersPerSecond?: number | undefined;
  marketDataPerSecond?: number | undefined;
  burstLimit?: number | undefined;
}): RateLimits {
  return {
    ...(ordersPerSecond !== undefined && { orders_per_second: ordersPerSecond }),
    ...(marketDataPerSecond !== undefined && { market_data_per_second: marketDataPerSecond }),
    ...(burstLimit !== undefined && { burst_limit: burstLimit }),
  };
}

/** The user's own limits after a change. A limit of 0 is removed, so that the configured one counts. */
function merged(before: RateLimits, given: RateLimits): RateLimits {
  const all = Object.entries({ ...before, ...given });
  return Object.fromEntries(all.filter(([, most]) => most !== 0));
}

function parseLimitOrNone(text: string): number {
  const limit = parseInteger(text);
  if (limit >= 0) return limit;
  throw new InvalidArgumentError("Expected a whole number; 0 is the limit of everybody.");
}

function parseBps(text: string): number {
  const bps = parseInteger(text);
  if (Math.abs(bps) <= FEE_BPS_MAX) return bps;
  throw new InvalidArgumentError(`Expected basis points, -${FEE_BPS_MAX} to ${FEE_BPS_MAX}.`);
}
