/** The gateway without a network: real core, tick, feed and identity; sockets and publishing are fakes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandKind } from "../../src/core/command.ts";
import { AccountEvents } from "../../src/execution/account-events.ts";
import { AccountTrades } from "../../src/execution/account-trades.ts";
import { OrderHistory } from "../../src/execution/order-history.ts";
import { Admission } from "../../src/gateway/admission.ts";
import { DeadMansSwitches } from "../../src/gateway/dead-mans-switches.ts";
import { Dispatcher } from "../../src/gateway/dispatcher.ts";
import type { Gateway } from "../../src/gateway/gateway.ts";
import { leaveAll } from "../../src/gateway/methods/market-data.ts";
import { Replies } from "../../src/gateway/replies.ts";
import { Session } from "../../src/gateway/session.ts";
import { createLimits, UserLimitsTable } from "../../src/gateway/user-limits.ts";
import { UserStream } from "../../src/gateway/user-stream.ts";
import type { Credentials } from "../../src/identity/api-key.ts";
import { IdentityStore } from "../../src/identity/identity-store.ts";
import type { RateLimits } from "../../src/identity/user.ts";
import { MarketDataFeed } from "../../src/market-data/feed.ts";
import { PlayerRegistry } from "../../src/players/registry.ts";
import type { Encoding } from "../../src/protocol/encoding.ts";
import { encodeMessagePack } from "../../src/protocol/message-pack.ts";
import type { Permission } from "../../src/protocol/schemas/auth.ts";
import type { Endpoint } from "../../src/protocol/schemas.ts";
import { createRig } from "../execution/rig.ts";
import { FakeSocket } from "./fake-socket.ts";

const PLENTY: RateLimits = {
  orders_per_second: 1e6,
  market_data_per_second: 1e6,
  burst_limit: 1e6,
};

export const SYMBOLS = [0, 1, 2, 3];
export const CASH = 1_000_000;
export const SHARES = 1000;

export interface GatewayRigOptions {
  anonymousMarketData?: boolean;
  ringCommands?: number;
  historyOrdersMax?: number;
  limits?: RateLimits;
}

/** What a session asks for: one message. */
export interface Ask {
  id?: string | number;
  method: string;
  params?: object;
}

/** An exchange with SYMBOL_0 to SYMBOL_3. */
export async function openGateway(options: GatewayRigOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), "waiver-gateway-"));
  const parts: Partial<Pick<Gateway, "history" | "accountTrades" | "feed" | "userStream">> = {};
  const rig = createRig({
    ringCommands: options.ringCommands ?? 1024,
    records(core) {
      parts.history = new OrderHistory(core, options.historyOrdersMax ?? 1024);
      parts.accountTrades = new AccountTrades(core, 1024);
      return [parts.history, parts.accountTrades];
    },
    listeners(core) {
      parts.userStream = new UserStream(core);
      parts.feed = new MarketDataFeed(core);
      const accountEvents = new AccountEvents(core);
      accountEvents.connect(parts.userStream);
      return [accountEvents, parts.feed];
    },
  });
  const { core, ring, loop, control, clock } = rig;
  const { history, accountTrades, feed, userStream } = parts as Required<typeof parts>;
  const identity = await IdentityStore.open(join(directory, "identity.sqlite"));
  const players = new PlayerRegistry(join(directory, "players.json"), core.symbols.count);
  const cancelOrders = (account: number, actor: number): void => {
    void control.submit({ kind: CommandKind.CANCEL_ALL, account, actor });
  };
  const gateway: Gateway = {
    core,
    ring,
    loop,
    history,
    accountTrades,
    feed,
    players,
    identity,
    limits: new UserLimitsTable(options.limits ?? PLENTY),
    admission: new Admission(100, 0),
    userStream,
    counters: { requests: 0, orders: 0, logins: 0, slowConsumers: 0, pushes: 0, errors: new Map() },
    anonymousMarketData: options.anonymousMarketData ?? true,
    closing: false,
    cancelOrders,
    deadMansSwitches: new DeadMansSwitches(cancelOrders),
    now: () => clock.now,
    onBug: (error) => rig.bugs.push(String(error)),
  };
  const dispatcher = new Dispatcher(gateway);
  const replies = new Replies(gateway);
  const sockets: FakeSocket[] = [];
  /** Topics published to, in order. */
  const published: string[] = [];
  const publish = (topic: string, frame: string | Uint8Array): void => {
    published.push(topic);
    for (const socket of sockets) {
      if (!socket.topics.has(topic)) continue;
      if (typeof frame === "string") socket.sendText(frame);
      else socket.sendBinary(frame);
    }
  };
  userStream.connect(publish);
  feed.connect(publish);

  const listings = SYMBOLS.map((symbol) =>
    control.submit({ kind: CommandKind.LIST_SYMBOL, symbol, price: 1, text: `player-${symbol}` }),
  );
  await Promise.all(listings);
  for (const symbol of SYMBOLS) players.adopt(symbol, `player-${symbol}`, clock.now);

  function connect(endpoint: Endpoint, encoding: Encoding = "json"): FakeSocket {
    const limits = createLimits(gateway.limits.defaults, clock.now);
    const session = new Session(endpoint, encoding, "address", clock.now, limits, replies);
    const socket = new FakeSocket(session, () => {
      leaveAll(gateway, session);
      userStream.leave(session);
      session.socket = null;
    });
    sockets.push(socket);
    return socket;
  }

  /** Hands the server a frame of the client's, in the connection's encoding unless said. */
  function send({ session }: FakeSocket, ask: Ask, encoding = session.encoding): void {
    if (encoding === "json") dispatcher.text(session, JSON.stringify(ask));
    else dispatcher.binary(session, encodeMessagePack(ask));
  }

  /** Creates a user with an account of the same number that has CASH and SHARES of every symbol. */
  async function createUser(
    permissions: Permission[] = ["trade", "market_data"],
  ): Promise<Credentials> {
    const account = core.accounts.next();
    const commands = [
      { kind: CommandKind.OPEN_ACCOUNT, account, actor: account },
      { kind: CommandKind.DEPOSIT_CASH, account, amount: CASH },
      ...SYMBOLS.map((symbol) => ({
        kind: CommandKind.DEPOSIT_SHARES,
        account,
        symbol,
        amount: SHARES,
      })),
    ];
    await Promise.all(commands.map((command) => control.submit(command)));
    const user = await identity.createUser({ name: "user", permissions, accountNumber: account });
    return identity.createKey(user.number);
  }

  /** A connection that has logged in; what it has received so far is the caller's to take. */
  function connectAs(
    credentials: Credentials,
    endpoint: Endpoint = "orders",
    encoding: Encoding = "json",
  ): FakeSocket {
    const socket = connect(endpoint, encoding);
    send(socket, { method: "auth.login", params: credentials });
    socket.take();
    return socket;
  }

  return {
    ...rig,
    gateway,
    dispatcher,
    feed,
    identity,
    sockets,
    published,
    connect,
    connectAs,
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
      await identity.close();
      rmSync(directory, { recursive: true });
    },
  };
}

export type GatewayRig = Awaited<ReturnType<typeof openGateway>>;
