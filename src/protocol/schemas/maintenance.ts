/** Maintenance windows, as they are shown. */
import { Type } from "@sinclair/typebox";
import { choice, NAME_CHARACTERS_MAX, TEXT_CHARACTERS_MAX, text, timestamp } from "./fields.ts";
import { MAINTENANCE_PHASES } from "./market-data.ts";
import type { PlainRouteSpec } from "./plain-route.ts";

export const MaintenanceWindow = Type.Object({
  id: text("`mnt_<n>`", NAME_CHARACTERS_MAX),
  starts_at: timestamp(),
  ends_at: timestamp(),
  message: text("for people", TEXT_CHARACTERS_MAX),
  phase: choice(MAINTENANCE_PHASES, "where in it the moment is"),
});

export const MaintenanceWindows = Type.Object({
  maintenance: Type.Array(MaintenanceWindow, { description: "in order of their start" }),
});

/** The routes, as published. */
export const maintenanceRoutesSpec = {
  "GET /maintenance": {
    operationId: "maintenanceList",
    summary: "Maintenance windows that are scheduled or under way",
    tag: "Market data",
    login: "optional",
    reply: MaintenanceWindows,
  },
} as const satisfies Record<`${string} /${string}`, PlainRouteSpec>;
