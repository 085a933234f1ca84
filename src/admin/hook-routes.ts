/** Routes of the admin API: the webhooks of all users. */
import { listResponse, noSuch } from "../gateway/http/responses.ts";
import type { Route } from "../gateway/http/route.ts";
import { takenAway } from "../people/taken-away.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { On } from "./admin-route.ts";

export type Hooks = Pick<Webhooks, "of" | "delete" | "deadLetters" | "resend">;

export function hookRoutes(on: On, webhooks: Hooks): Route[] {
  return [
    on("GET /admin/v1/webhooks", () => listResponse("webhooks", webhooks.of())),
    on("DELETE /admin/v1/webhooks/:id", async ({ params: { id } }, as) => {
      const deleting = webhooks.delete(id).then((isDeleted) => isDeleted || null);
      const text = `webhook.delete ${id}`;
      const deleted = found(id, await takenAway(deleting, text, (each) => as.note(each)));
      return { webhook_id: id, deleted };
    }),
    on("GET /admin/v1/webhooks/:id/dead-letters", ({ params: { id } }) => ({
      dead_letters: found(id, webhooks.deadLetters(id)),
    })),
    on("POST /admin/v1/webhooks/:id/dead-letters/resend", async ({ params: { id } }, as) => {
      const sent = found(id, webhooks.resend(id));
      await as.note(`webhook.resend ${id}`);
      return sent;
    }),
  ];
}

/** `of`; throws 404 when it is null, because there is no such webhook. */
function found<T>(id: string, of: T | null): T {
  if (of !== null) return of;
  throw noSuch("id", `There is no webhook ${id}`);
}
