/** The routes of the REST API that are not methods of the WebSocket API. */
import { maintenanceRoutesSpec } from "./maintenance.ts";
import { peopleRoutesSpec } from "./people.ts";
import { sessionRoutesSpec } from "./session.ts";
import { webhookRoutesSpec } from "./webhooks.ts";

export const plainRoutes = {
  ...sessionRoutesSpec,
  ...peopleRoutesSpec,
  ...webhookRoutesSpec,
  ...maintenanceRoutesSpec,
};
