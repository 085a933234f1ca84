/**
 * Parts of prom-client. Its index loads much that a server of metrics does not use, such as a client of its own, workers
 * and the runtime's metrics: megabytes of memory, and a tenth of a start.
 */
declare module "prom-client/lib/counter.js" {
  import { Counter } from "prom-client";
  export = Counter;
}
declare module "prom-client/lib/gauge.js" {
  import { Gauge } from "prom-client";
  export = Gauge;
}
declare module "prom-client/lib/registry.js" {
  import { Registry } from "prom-client";
  export = Registry;
}
