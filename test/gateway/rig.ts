/** The gateway without a network: real core, tick, trading and identity; sockets and publishing are fakes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandKind } from "../../src/core/command.ts";
import { TickWatch } from "../../src/execution/tick-watch.ts";
import { AccountTraces } from "../../src/gateway/account-traces.ts";
import { AddressBuckets } from "../../src/gateway/address-buckets.ts";
import { Admission } from "../../src/gateway/admission.ts";
import { ClientAddresses } from "../../src/gateway/client-addresses.ts";
import { Counters } from "../../src/gateway/counters.ts";
import { HttpConnections } from "../../src/gateway/http/http-connections.ts";
import { HttpLogins } from "../../src/gateway/http/http-logins.ts";
import { Refusals } from "../../src/gateway/http/refusals.ts";
import { type Receipts, SocketLook } from "../../src/gateway/socket-look.ts";
import { Answers } from "../../src/gateway/websocket/answers.ts";
import { Connections } from "../../src/gateway/websocket/connections.ts";
import { Dispatcher } from "../../src/gateway/websocket/dispatcher.ts";
import { FrameGate } from "../../src/gateway/websocket/frame-gate.ts";
import { FrameWatch } from "../../src/gateway/websocket/frame-watch.ts";
import { HalfRead } from "../../src/gateway/websocket/half-read.ts";
import { IssuedLogins } from "../../src/gateway/websocket/issued-logins.ts";
import { MarketDataLoad } from "../../src/gateway/websocket/market-data-load.ts";
import { Patience } from "../../src/gateway/websocket/patience.ts";
import { Publisher } from "../../src/gateway/websocket/publisher.ts";
import { RefusalTrace } from "../../src/gateway/websocket/refusal-trace.ts";
import { Replies } from "../../src/gateway/websocket/replies.ts";
import { RequestIds } from "../../src/gateway/websocket/request-ids.ts";
import { Session } from "../../src/gateway/websocket/session.ts";
import { Subscriptions } from "../../src/gateway/websocket/subscriptions.ts";
import { UserData } from "../../src/gateway/websocket/user-data.ts";
import { UserDataResume } from "../../src/gateway/websocket/user-data-resume.ts";
import type { Credentials } from "../../src/identity/api-key.ts";
import { IdentityStore } from "../../src/identity/identity-store.ts";
import type { IssuerTokens } from "../../src/identity/issuer-tokens.ts";
import { UsedSignatures } from "../../src/identity/used-signatures.ts";
import type { RateLimits } from "../../src/identity/user.ts";
import { MarketDataBroadcaster, type MarketDataParts } from "../../src/market-data/broadcaster.ts";
import type { Player } from "../../src/players/player.ts";
import { PlayerRegistry } from "../../src/players/registry.ts";
import type { Encoding } from "../../src/protocol/encoding.ts";
import { encodeMessagePack } from "../../src/protocol/message-pack.ts";
import type { Permission } from "../../src/protocol/schemas/auth.ts";
import type { Endpoint } from "../../src/protocol/schemas.ts";
import { ArmedCancels } from "../../src/trading/armed-cancels.ts";
import { createTrading } from "../../src/trading/create-trading.ts";
import { type MarketOptions, openMarket } from "./market.ts";
import { FakeSocket } from "./websocket/fake-socket.ts";

const PLENTY: RateLimits = {
  orders_per_second: 1e6,
  market_data_per_second: 1e6,
  burst_limit: 1e6,
};

export const SYMBOLS = [0, 1, 2, 3];
export const CASH = 1_000_000;
export const SHARES = 1000;

export interface GatewayRigOptions extends MarketOptions {
  anonymousMarketData?: boolean;
  limits?: RateLimits;
  /** As how many the listed symbols are to count; as many as there are by default. */
  listed?: number;
  /** Where the bytes are counted that came in; by default nowhere. */
  receipts?: Receipts;
  /** By default none. */
  issuer?: IssuerTokens;
  /** When frames to very many go out. */
  fanOut?: Pick<MarketDataParts, "many" | "nextTurn" | "later">;
  /** When more user data than fits into a turn of the event loop goes out. */
  nextTurn?(run: () => void): void;
  /** When those who cannot pay yet are told how their accounts, or very deep books, stand. */
  later?(run: () => void, ms: number): void;
  /** Of a message that is not whole, 2^17 by default. */
  messageBytesMax?: number;
}

/** What a session asks for: one message. */
export interface Ask {
  id?: string | number;
  method: string;
  params?: object;
}

/** By symbol; their tickers are AALPHA, BBETA, CGAMMA and DDELTA. */
const NAMES = ["Ann Alpha", "Ben Beta", "Cy Gamma", "Di Delta"];

function playerOf(symbol: number): Player {
  const known = { team: "KC", position: "QB", number: symbol, status: "Active" };
  return { player_id: `player-${symbol}`, name: NAMES[symbol], ...known };
}

/** A gate at which everybody has enough. */
export const FREE = { chargeAddress: () => undefined };

/** An exchange with SYMBOL_0 to SYMBOL_3. */
export async function openGateway(options: GatewayRigOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), "waiver-gateway-"));
  const market = openMarket(options);
  const { view, ring, loop, control, clock, streams, levelChanges, now, onBug } = market;
  const anonymousMarketData = options.anonymousMarketData ?? true;
  const warnings: string[] = [];
  const warn = (_fields: object, message: string) => void warnings.push(message);
  /** What was logged to inform, with its message. */
  const lines: { message: string }[] = [];
  const info = (fields: object, message: string) => void lines.push({ message, ...fields });
  const log = { info, warn, error: warn };
  const identity = await IdentityStore.open(join(directory, "identity.sqlite"));
  const signatures = UsedSignatures.open({
    ...{ path: join(directory, "signatures"), log, now, monotonic: now },
  });
  const armedCancels = ArmedCancels.open({ path: join(directory, "armed-cancels"), log });
  const players = new PlayerRegistry(join(directory, "players.json"), view.symbolsMax);

  const publisher = new Publisher();
  const { publish } = publisher;
  const userData = new UserData({
    view,
    streams,
    loop,
    publish,
    monotonic: now,
    nextTurn: options.nextTurn ?? setImmediate,
    ...(options.later && { later: options.later }),
  });
  const broadcaster = new MarketDataBroadcaster({
    ...{ ...market, publish, monotonic: now },
    ...options.fanOut,
  });
  market.stages.push(userData, broadcaster);

  const rateLimits = options.limits ?? PLENTY;
  const clocks = { now, monotonic: now, stopwatch: now };
  const shared = { ...market, ...clocks, anonymousMarketData };
  const traces = new AccountTraces({ ...market, ...clocks, log });
  market.watches.push(traces);
  const tickWatch = new TickWatch({ loop, tick: view.tick });
  const trading = createTrading({
    ...shared,
    tickWatch,
    onRefusedInBatch: (account, order, error) => traces.onRefused(account, { order }, error),
    ...{ market: broadcaster, players, identity, signatures, armedCancels, rateLimits, log },
    ...{ issuer: options.issuer ?? null, sessionLifetimeMs: 3_600_000 },
  });
  const counters = new Counters();
  const admission = new Admission(1000, 0);
  const patience = new Patience(now);
  const answers = new Answers(counters, patience, 2 ** 20);
  const ids = new RequestIds(ring.gathering.capacity);
  const replies = new Replies(trading.outcomes, ids, answers);
  const subscriptions = new Subscriptions({
    ...trading,
    ...{ broadcaster, levelChanges, view, now },
    players: options.listed === undefined ? players : { size: options.listed },
    ...(options.later && { later: options.later }),
  });
  const resume = new UserDataResume(trading.reads, streams, userData);
  const serving = { ...trading, ...clocks, subscriptions, userData, ids, answers, counters, onBug };
  const trace = new RefusalTrace(traces);
  /** Seconds, of the frames that were looked at. */
  const decoded: number[] = [];
  const watch = new FrameWatch({
    decoded: { observe: (seconds) => void decoded.push(seconds) },
    traces: null,
  });
  const dispatcher = new Dispatcher({ ...serving, resume, watch, trace });
  const receipts = options.receipts ?? null;
  const halfRead = new HalfRead(options.messageBytesMax ?? 2 ** 17);
  const http = new HttpConnections({
    receipts: null,
    connectionsMax: 1000,
    descriptorsMax: Infinity,
    isWebSocket: (peer) => halfRead.has(peer),
    later: (run) => run(),
    counters,
  });
  const gate = new FrameGate({ ...serving, patience, trace });
  const attempts = new AddressBuckets({ perSecond: 1000, burst: 1000, monotonic: now });
  const connections = new Connections({
    ...serving,
    gate,
    limits: {
      connectionsMax: 1000,
      connectionsPerAddressMax: 0,
      allowedOrigins: [],
      isTls: false,
      compression: false,
      backpressureLimitBytes: 2 ** 20,
      slowConsumerMs: 2000,
      bufferBytesTotal: 2 ** 23,
      heartbeatIntervalMs: 5000,
      loginTimeoutMs: 10_000,
      anonymousMarketData,
    },
    admission,
    halfRead,
    issued: new IssuedLogins(trading.tokenLogins),
    look: new SocketLook({
      ...{ receipts, halfRead, http, ownDescriptors: 0 },
      later: (run) => run(),
    }),
    attempts,
    refusals: new Refusals(now),
    httpLogins: new HttpLogins({ ...trading, gate: FREE, isTls: false }),
    addresses: new ClientAddresses([]),
    dispatcher,
    replies,
    load: new MarketDataLoad({ ...serving, view }),
    lifecycle: market.lifecycle,
  });
  const sockets: FakeSocket[] = [];
  /** Topics published to, in order. */
  const published: string[] = [];
  const server = {
    publish(topic: string, frame: string | Bun.BufferSource): number {
      published.push(topic);
      for (const socket of sockets) {
        if (!socket.topics.has(topic)) continue;
        if (typeof frame === "string") socket.sendText(frame);
        else socket.sendBinary(frame as Uint8Array);
      }
      return 1;
    },
  };
  publisher.open(server, () => Promise.resolve());

  const listings = SYMBOLS.map((symbol) =>
    control.submit({ kind: CommandKind.LIST_SYMBOL, symbol, price: 1, text: `player-${symbol}` }),
  );
  await Promise.all(listings);
  for (const symbol of SYMBOLS) players.adopt(symbol, `player-${symbol}`, clock.now);
  players.apply(SYMBOLS.map(playerOf), "sleeper", clock.now);

  function connect(
    endpoint: Endpoint,
    encoding: Encoding = "json",
    peer: string | null = null,
  ): FakeSocket {
    admission.enter("address");
    const session = new Session(
      endpoint,
      encoding,
      "address",
      clock.now,
      trading.callers.anonymous("address"),
      replies,
    );
    session.peer = peer;
    const socket = new FakeSocket(session, (closed, code, reason) =>
      connections.onClose(closed, code, reason),
    );
    connections.onOpen(socket.socket);
    sockets.push(socket);
    return socket;
  }

  /** Hands the server a frame of the client's, in the connection's encoding unless said. */
  function send({ socket, session }: FakeSocket, ask: Ask, encoding = session.encoding): void {
    const isJson = encoding === "json";
    connections.onMessage(
      socket,
      isJson ? JSON.stringify(ask) : Buffer.from(encodeMessagePack(ask)),
    );
  }

  /** Opens an account that has CASH and SHARES of every symbol; its number. */
  async function openAccount(user?: number): Promise<number> {
    const account = view.nextAccount();
    const commands = [
      { kind: CommandKind.OPEN_ACCOUNT, account, actor: user ?? account },
      { kind: CommandKind.DEPOSIT_CASH, account, amount: CASH },
      ...SYMBOLS.map((symbol) => ({
        kind: CommandKind.DEPOSIT_SHARES,
        account,
        symbol,
        amount: SHARES,
      })),
    ];
    await Promise.all(commands.map((command) => control.submit(command)));
    return account;
  }

  /** Creates a user with an account of the same number that has CASH and SHARES of every symbol. */
  async function createUser(
    permissions: Permission[] = ["trade", "market_data"],
  ): Promise<Credentials> {
    const accountNumber = await openAccount();
    const user = await identity.createUser({ name: "user", permissions, accountNumber });
    return identity.createKey(user.number);
  }

  /** Gives a user one more account, such as `createUser` gives; its number. */
  async function addAccount(user: number): Promise<number> {
    const account = await openAccount(user);
    await identity.addAccount(user, account);
    return account;
  }

  /** A connection that has logged in; what it has received so far is the caller's to take. */
  function connectAs(
    credentials: Credentials & { account_id?: string },
    endpoint: Endpoint = "orders",
    encoding: Encoding = "json",
  ): FakeSocket {
    const socket = connect(endpoint, encoding);
    send(socket, { method: "auth.login", params: credentials });
    socket.take();
    return socket;
  }

  return {
    ...market,
    identity,
    players,
    ...trading,
    rateLimits,
    counters,
    decoded,
    lines,
    traces,
    tickWatch,
    admission,
    attempts,
    broadcaster,
    userData,
    dispatcher,
    connections,
    gate,
    sockets,
    published,
    warnings,
    armedCancels,
    connect,
    connectAs,
    addAccount,
    createUser,
    send,
    /** Sends, and gives what was received once the tick is durable. */
    async ask(socket: FakeSocket, ask: Ask, encoding?: Encoding): Promise<unknown> {
      socket.take();
      send(socket, ask, encoding);
      await loop.drained();
      return socket.take()[0];
    },
    async [Symbol.asyncDispose]() {
      signatures.close();
      armedCancels.close();
      await identity.close();
      rmSync(directory, { recursive: true });
    },
  };
}

export type GatewayRig = Awaited<ReturnType<typeof openGateway>>;
