/** The rules between fields, which a schema cannot express. They are applied to params that fit their schema. */
import type { Issue } from "./issue.ts";
import type { LoginParams } from "./schemas/auth.ts";
import type { SubscribeParams } from "./schemas/market-data.ts";
import type { AmendParams, PlaceParams } from "./schemas/orders.ts";
import type { MethodName } from "./schemas.ts";

const EITHER_ID = "Exactly one of order_id and client_order_id is required";
const EITHER_PROOF = "Exactly one of api_secret and signature, with its timestamp, is required";

/** Null when `params` keep the rules of `method`; otherwise every fault. A list is allocated only then. */
export function ruleIssues(method: MethodName, params: unknown): Issue[] | null {
  switch (method) {
    case "order.place":
      return placeIssues(params as PlaceParams);
    case "order.cancel":
    case "order.status":
      return targetIssues(params as AmendParams);
    case "order.amend":
      return amendIssues(params as AmendParams);
    case "auth.login":
      return loginIssues(params as LoginParams);
    case "subscribe":
    case "unsubscribe":
      return subscribeIssues(params as SubscribeParams);
    default:
      return null;
  }
}

function placeIssues(order: PlaceParams): Issue[] | null {
  const { type } = order;
  const isDated = order.time_in_force === "GTD";
  const limited = type === "LIMIT" || type === "STOP_LIMIT";
  const triggered = type === "STOP" || type === "STOP_LIMIT";
  let issues: Issue[] | null = null;
  if (limited && order.price === undefined) {
    issues = add(issues, "price", `Required for a ${type} order`);
  }
  if (!limited && order.price !== undefined) {
    issues = add(issues, "price", `Not allowed for a ${type} order`);
  }
  if (triggered && order.stop_price === undefined) {
    issues = add(issues, "stop_price", `Required for a ${type} order`);
  }
  if (!triggered && order.stop_price !== undefined) {
    issues = add(issues, "stop_price", `Not allowed for a ${type} order`);
  }
  if (isDated && type === "MARKET") {
    issues = add(issues, "time_in_force", "Not allowed for a MARKET order, which never rests");
  } else if (isDated && order.expire_at === undefined) {
    issues = add(issues, "expire_at", "Required for a GTD order");
  }
  if (!isDated && order.expire_at !== undefined) {
    issues = add(issues, "expire_at", "Not allowed unless time_in_force is GTD");
  }
  return issues;
}

function targetIssues(params: AmendParams): Issue[] | null {
  const one = (params.order_id === undefined) !== (params.client_order_id === undefined);
  return one ? null : [{ field: "order_id", issue: EITHER_ID }];
}

function amendIssues(params: AmendParams): Issue[] | null {
  const issues = targetIssues(params);
  const { price, quantity, stop_price } = params;
  if (price !== undefined || quantity !== undefined || stop_price !== undefined) return issues;
  return add(issues, "price", "One of price, quantity and stop_price is required");
}

function loginIssues({ api_secret, timestamp, signature }: LoginParams): Issue[] | null {
  if ((api_secret === undefined) === (signature === undefined)) {
    return [{ field: "api_secret", issue: EITHER_PROOF }];
  }
  if (signature !== undefined && timestamp === undefined) {
    return [{ field: "timestamp", issue: "Required with signature" }];
  }
  if (signature === undefined && timestamp !== undefined) {
    return [{ field: "timestamp", issue: "Not allowed without signature" }];
  }
  return null;
}

function subscribeIssues({ channels, symbols }: SubscribeParams): Issue[] | null {
  const needsSymbols = channels.some((channel) => channel !== "heartbeat");
  if (needsSymbols === (symbols !== undefined)) return null;
  const issue = needsSymbols
    ? "Required unless heartbeat is the only channel"
    : "Not allowed when heartbeat is the only channel";
  return [{ field: "symbols", issue }];
}

function add(issues: Issue[] | null, field: string, issue: string): Issue[] {
  const list = issues ?? [];
  list.push({ field, issue });
  return list;
}
