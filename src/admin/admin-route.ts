/** One of the admin API's routes: whose role reaches, on whose word, and what a refusal says. */
import { assertNoQuery } from "../gateway/http/request-query.ts";
import { httpError } from "../gateway/http/responses.ts";
import { type Answer, type Call, type Route, route } from "../gateway/http/route.ts";
import type { Log } from "../lib/log.ts";
import { UntilRestart } from "../lib/until-restart.ts";
import { storageAdvice } from "../persistence/storage-advice.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { type AdminRole, type AdminRoute, adminRoutes } from "../protocol/schemas/admin.ts";
import { type Operator, reaches } from "./admin-tokens.ts";
import type { AdminOperations } from "./operations.ts";

type Handler<Name extends AdminRoute> = (
  call: Call<Name, (typeof adminRoutes)[Name]>,
  /** The operations, on the operator's word. */
  as: AdminOperations,
  operator: Operator,
) => Answer | Promise<Answer>;

/** Makes one of the published routes, with the schemas that it is published with, for those whose role reaches. */
export type On = <const Name extends AdminRoute>(name: Name, handle: Handler<Name>) => Route;

export interface Asking {
  operations: AdminOperations;
  /** Who asks, of a request that the guard has let in. */
  operatorOf(request: Request): Operator;
  log: Log;
}

export function adminRoute({ operations, operatorOf, log }: Asking): On {
  return <const Name extends AdminRoute>(name: Name, handle: Handler<Name>): Route => {
    const spec = adminRoutes[name];
    const open = route(name, spec, (call: Call<Name, (typeof adminRoutes)[Name]>) => {
      const operator = operatorOf(call.request);
      return stored(log, async () => handle(call, operations.by(operator.name), operator));
    });
    return {
      ...open,
      // Before its body is looked at.
      answer(request, server) {
        assertReaches(operatorOf(request), spec.role);
        if (!("query" in spec)) assertNoQuery(request);
        return open.answer(request, server);
      },
    };
  };
}

/** Does what was asked; tells the operator what to do when the disk does not take it. */
async function stored(log: Log, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    const advice = storageAdvice(error);
    if (error instanceof UntilRestart) {
      log.error({ error: String(error.cause), advice }, error.message);
      const repair = advice ?? "Find out what is wrong with the disk";
      throw httpError(ErrorCode.STORAGE_FAILED, `${error.message}. ${repair}, and do it again`);
    }
    if (advice === null) throw error;
    log.error({ error: String(error), advice }, "not stored");
    throw httpError(ErrorCode.STORAGE_FAILED, `Storage failed: ${advice}`);
  }
}

/** Throws 40300 for a token that may less than `needed`. */
export function assertReaches({ name, role }: Operator, needed: AdminRole): void {
  if (reaches(role, needed)) return;
  const message = `The admin token ${name} has the role ${role}; this takes the role ${needed}`;
  throw httpError(ErrorCode.PERMISSION_MISSING, message);
}
