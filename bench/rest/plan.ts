/** The messages between the REST bench and its client process: a `RestPlan` on stdin, `RestFigures` on stdout. */
import type { LoadUser } from "../load/plan.ts";

export interface RestPlan {
  port: number;
  /** The connections are spread over these users. */
  users: LoadUser[];
  symbols: string[];
  connections: number;
  /** Orders in one request: one goes to `/orders`, more go to `/orders/batch`. */
  orders: number;
  warmup_s: number;
  seconds: number;
}

export interface RestFigures {
  event: "done";
  seconds: number;
  /** Orders acknowledged. */
  acked: number;
  /** Share of one core that the client process used. */
  client_cpu: number;
}
