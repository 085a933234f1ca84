/** Routes of the admin API: the operators' tokens. */
import { invalidField, noSuch } from "../gateway/http/responses.ts";
import type { Route } from "../gateway/http/route.ts";
import { takenAway } from "../people/taken-away.ts";
import type { On } from "./admin-route.ts";
import { type AdminTokens, TokenRefused } from "./admin-tokens.ts";

export function tokenRoutes(on: On, tokens: AdminTokens): Route[] {
  return [
    on("GET /admin/v1/admin-tokens", () => ({ tokens: tokens.list() })),
    on("POST /admin/v1/admin-tokens", ({ body }, as) => {
      const record = () => as.note(`admin-token.create ${body.name} ${body.role}`);
      return tokens.create(body, Date.now(), record).catch((error: unknown) => {
        if (!(error instanceof TokenRefused)) throw error;
        throw invalidField("name", error.message);
      });
    }),
    on("DELETE /admin/v1/admin-tokens/:name", async ({ params: { name } }, as) => {
      const revoking = tokens.revoke(name, Date.now());
      const text = `admin-token.revoke ${name}`;
      const revoked = await takenAway(revoking, text, (each) => as.note(each));
      if (revoked === null) throw noSuch("name", `There is no admin token ${name}`);
      return revoked;
    }),
  ];
}
