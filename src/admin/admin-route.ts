/**
 * Makes routes of the admin API: checks the operator's role, puts his name on what he does, and turns errors of
 * the disk into refusals.
 */
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
  /** The operations, in the operator's name. */
  as: AdminOperations,
  operator: Operator,
) => Answer | Promise<Answer>;

/** Makes a published route with its published schemas, for operators whose role is high enough. */
export type On = <const Name extends AdminRoute>(name: Name, handle: Handler<Name>) => Route;

export interface Asking {
  operations: AdminOperations;
  /** The operator of a request that the guard has let in. */
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
      // Checked before the body is looked at.
      answer(request, server) {
        assertReaches(operatorOf(request), spec.role);
        if (!("query" in spec)) assertNoQuery(request);
        return open.answer(request, server);
      },
    };
  };
}

/** Does `work`. When the disk does not take it, the refusal tells the operator what to do. */
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

/** Throws 40300 when the operator's role is lower than `needed`. */
export function assertReaches({ name, role }: Operator, needed: AdminRole): void {
  if (reaches(role, needed)) return;
  const message = `The admin token ${name} has the role ${role}; this takes the role ${needed}`;
  throw httpError(ErrorCode.PERMISSION_MISSING, message);
}
