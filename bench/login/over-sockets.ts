/** Times wrong logins over REST and over WebSockets. Each try comes from another address, because tries are limited. */
import { createLoadUser } from "../load/exchange-admin.ts";
import type { ServerProcess } from "../load/server-process.ts";
import {
  DISABLED,
  EXISTENCE,
  hex,
  nextAddress,
  PROOFS,
  since,
  subjectsOf,
  unknownKey,
  unknownName,
  wrongLogin,
} from "./subjects.ts";
import type { Compare } from "./tries.ts";

export interface OverSocketsAmounts {
  /** Tries of each class. */
  tries: number;
  /** Tries of each class with passwords. */
  passwords: number;
  /** Keys, names or tokens of each class. */
  names: number;
}

export async function keysOverSockets(
  exchange: ServerProcess,
  compare: Compare,
  { tries, names }: OverSocketsAmounts,
): Promise<boolean[]> {
  const { port } = exchange;
  const keys: string[] = [];
  for (let i = 0; i < 2 * names; i++) {
    keys.push((await createLoadUser(exchange, "Ann", [])).api_key);
  }
  const subjects = subjectsOf(keys, unknownKey);
  const differences: boolean[] = [];
  for (const proof of PROOFS) {
    for (const [way, send] of [
      ["REST", timeSession],
      ["WebSocket", timeLogin],
    ] as const) {
      const what = `over ${way}, wrong ${proof}`;
      const time = (key: string) => send(port, wrongLogin(key, proof));
      differences.push(
        await compare({ what, kinds: EXISTENCE, subjects, tries, sample: "try", time }),
      );
    }
  }
  return differences;
}

export async function namesOverSockets(
  exchange: ServerProcess,
  compare: Compare,
  { passwords: tries, names }: OverSocketsAmounts,
): Promise<boolean[]> {
  const { port } = exchange;
  const all: string[] = [];
  for (let i = 0; i < 3 * names; i++) {
    const name = unknownName();
    const user = await signUp(port, name);
    if (i >= 2 * names) await disable(exchange, user);
    all.push(name);
  }
  const ofNames = subjectsOf(all.slice(0, 2 * names), unknownName);
  const ofUsers = {
    ...{ some: ofNames.others, same: Array.from({ length: names }, unknownName) },
    others: all.slice(2 * names),
  };
  const what = "over REST, wrong password";
  const time = (name: string): Promise<number> =>
    timeSession(port, { name, password: `wrong ${hex(8)}` });
  return [
    await compare({ what, kinds: EXISTENCE, subjects: ofNames, tries, sample: "try", time }),
    await compare({ what, kinds: DISABLED, subjects: ofUsers, tries, sample: "try", time }),
  ];
}

/** Times wrong tokens against the admin token that the exchange was started with. */
export function adminTokenOverSockets(
  { port, adminToken }: ServerProcess,
  compare: Compare,
  { tries, names }: OverSocketsAmounts,
): Promise<boolean> {
  const near = Array.from({ length: 2 * names }, () => {
    const last = hex(1);
    return adminToken.endsWith(last) ? `${adminToken}0` : `${adminToken.slice(0, -2)}${last}`;
  });
  return compare({
    what: "over REST, wrong admin token",
    kinds: ["that begins like the right one", "of a random one"],
    ...{ subjects: subjectsOf(near, () => hex(32)), tries, sample: "try" },
    time: (token) =>
      timeAnswer(`http://127.0.0.1:${port}/admin/v1/users`, {
        headers: { Authorization: `Bearer ${token}`, "X-Forwarded-For": nextAddress() },
      }),
  });
}

/** Microseconds until the answer to one `POST /session`. */
function timeSession(port: number, login: object): Promise<number> {
  return timeAnswer(`http://127.0.0.1:${port}/api/v1/session`, jsonPost(login));
}

async function timeAnswer(url: string, request: RequestInit): Promise<number> {
  const start = Bun.nanoseconds();
  const answer = await fetch(url, request);
  const text = await answer.text();
  const taken = since(start);
  if (answer.status !== 401) throw new Error(text);
  return taken;
}

/** Microseconds until the answer to one `auth.login` on a new connection. */
async function timeLogin(port: number, params: object): Promise<number> {
  const headers = { "X-Forwarded-For": nextAddress() };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/orders`, { headers });
  const settled = (name: "onopen" | "onmessage" | "onclose"): Promise<Event> =>
    new Promise((resolve) => {
      socket[name] = resolve;
    });
  await settled("onopen");
  const frame = JSON.stringify({ id: 1, method: "auth.login", params });
  const answer = settled("onmessage");
  const start = Bun.nanoseconds();
  socket.send(frame);
  const { data } = (await answer) as MessageEvent;
  const taken = since(start);
  if (!String(data).includes("40101")) throw new Error(String(data));
  const closed = settled("onclose");
  socket.close();
  await closed;
  return taken;
}

/** Returns the id of the new user. */
async function signUp(port: number, name: string): Promise<string> {
  const url = `http://127.0.0.1:${port}/api/v1/users`;
  const answer = await fetch(url, jsonPost({ name, password: `right ${hex(8)}` }));
  if (!answer.ok) throw new Error(await answer.text());
  return ((await answer.json()) as { user_id: string }).user_id;
}

async function disable({ port, adminToken }: ServerProcess, user: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/admin/v1/users/${user}/disable`, {
    method: "POST",
    headers: { Authorization: `Bearer ${adminToken}` },
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** A request from a network that has not been used before. */
function jsonPost(body: object): RequestInit {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Forwarded-For": nextAddress() },
    body: JSON.stringify(body),
  };
}
