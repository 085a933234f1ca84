/** Makes the connections, and everything that serves their requests. */
import type { Metrics } from "../../analytics/metrics.ts";
import type { OrderTraces } from "../../analytics/order-traces.ts";
import type { CoreView } from "../../core/view.ts";
import { descriptorLimit, OWN_DESCRIPTORS } from "../../host/descriptor-limit.ts";
import { TcpReceipts } from "../../host/tcp-receipts.ts";
import type { Clocks } from "../../lib/clocks.ts";
import type { Lifecycle } from "../../lib/lifecycle.ts";
import type { MarketDataBroadcaster } from "../../market-data/broadcaster.ts";
import type { AccountStreams } from "../../records/account-streams.ts";
import type { LevelChanges } from "../../records/level-changes.ts";
import type { InboundRing } from "../../router/inbound-ring.ts";
import type { Trading } from "../../trading/create-trading.ts";
import type { AccountTraces } from "../account-traces.ts";
import { AddressBuckets } from "../address-buckets.ts";
import { Admission } from "../admission.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import type { Counters } from "../counters.ts";
import { HttpConnections } from "../http/http-connections.ts";
import type { HttpLogins } from "../http/http-logins.ts";
import type { Refusals } from "../http/refusals.ts";
import { SocketLook } from "../socket-look.ts";
import { Answers } from "./answers.ts";
import { type ConnectionLimits, Connections } from "./connections.ts";
import { Dispatcher } from "./dispatcher.ts";
import { FrameGate } from "./frame-gate.ts";
import { FrameWatch } from "./frame-watch.ts";
import { HalfRead } from "./half-read.ts";
import { IssuedLogins } from "./issued-logins.ts";
import { MarketDataLoad } from "./market-data-load.ts";
import { Patience } from "./patience.ts";
import { RefusalTrace } from "./refusal-trace.ts";
import { Replies } from "./replies.ts";
import { RequestIds } from "./request-ids.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { UserData } from "./user-data.ts";
import { UserDataResume } from "./user-data-resume.ts";

export interface WebSocketParts extends Clocks {
  trading: Trading;
  view: CoreView;
  httpLogins: HttpLogins;
  players: { readonly size: number };
  ring: InboundRing;
  streams: AccountStreams;
  levelChanges: LevelChanges;
  broadcaster: MarketDataBroadcaster;
  userData: UserData;
  lifecycle: Lifecycle;
  counters: Counters;
  traces: AccountTraces;
  orderTraces: OrderTraces | null;
  metrics: Pick<Metrics, "stageSeconds">;
  addresses: ClientAddresses;
  refusals: Refusals;
  limits: ConnectionLimits & {
    /** How many connections an address may open a second. */
    connectionsPerSecond: number;
    httpConnectionsMax: number;
    frameBytesMax: number;
  };
  /** Called with an unexpected error. Clients read only that it was internal. */
  onBug(error: unknown): void;
}

export function createConnections(parts: WebSocketParts): Connections {
  const { trading, ring, streams, userData, counters, limits } = parts;
  const { reads, outcomes } = trading;
  const patience = new Patience(parts.monotonic);
  const answers = new Answers(counters, patience, limits.backpressureLimitBytes);
  const trace = new RefusalTrace(parts.traces);
  const ids = new RequestIds(ring.gathering.capacity);
  const subscriptions = new Subscriptions({ ...parts, ...trading });
  const receipts = TcpReceipts.open();
  const gate = new FrameGate({ ...parts, answers, patience, trace });
  const halfRead = new HalfRead(limits.frameBytesMax, (session, bytes) =>
    gate.payWaste(session, bytes),
  );
  const http = new HttpConnections({
    receipts,
    connectionsMax: limits.httpConnectionsMax,
    descriptorsMax: descriptorLimit() ?? Infinity,
    isWebSocket: (peer) => halfRead.has(peer),
    later: setImmediate,
    counters,
  });
  const resume = new UserDataResume(reads, streams, userData);
  return new Connections({
    ...parts,
    callers: trading.callers,
    maintenance: trading.maintenance,
    gate,
    admission: new Admission(limits.connectionsMax, limits.connectionsPerAddressMax),
    halfRead,
    issued: new IssuedLogins(trading.tokenLogins),
    look: new SocketLook({
      ...{ receipts, halfRead, http, ownDescriptors: OWN_DESCRIPTORS },
      later: setImmediate,
    }),
    attempts: new AddressBuckets({
      perSecond: limits.connectionsPerSecond,
      // After a restart all clients connect at once.
      burst: Math.max(
        limits.connectionsPerSecond,
        limits.connectionsPerAddressMax || limits.connectionsMax,
      ),
      monotonic: parts.monotonic,
    }),
    dispatcher: new Dispatcher({
      ...{ ...parts, ...trading, subscriptions, resume, ids, answers, trace },
      watch: new FrameWatch({
        decoded: parts.metrics.stageSeconds.decode,
        traces: parts.orderTraces,
      }),
    }),
    replies: new Replies(outcomes, ids, answers),
    subscriptions,
    load: new MarketDataLoad({ ...parts, subscriptions }),
    cancels: trading.cancels,
    switches: trading.switches,
  });
}
