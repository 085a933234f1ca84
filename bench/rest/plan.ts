/** What the REST bench tells its client process, and what it hears back. */
import type { LoadUser } from "../load/plan.ts";

export interface RestPlan {
  port: number;
  /** Connections take turns with them. */
  users: LoadUser[];
  symbols: string[];
  connections: number;
  /** Orders of one request: 1 goes to `/orders`, more to `/orders/batch`. */
  orders: number;
  warmup_s: number;
  seconds: number;
}

export interface RestFigures {
  event: "done";
  seconds: number;
  /** Orders acknowledged. */
  acked: number;
  /** Of one core, by the client process. */
  client_cpu: number;
}
