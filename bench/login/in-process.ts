/** Times wrong logins inside this process, without a network between the clock and the code. */
import { join } from "node:path";
import { AdminTokens } from "../../src/admin/admin-tokens.ts";
import { IDENTITY_FILE, IdentityStore } from "../../src/identity/identity-store.ts";
import { PasswordHashing } from "../../src/identity/passwords.ts";
import { UsedSignatures } from "../../src/identity/used-signatures.ts";
import { SignUps } from "../../src/people/sign-ups.ts";
import { Callers } from "../../src/trading/caller.ts";
import { FailedLogins } from "../../src/trading/failed-logins.ts";
import { Logins } from "../../src/trading/logins.ts";
import { PasswordLogins } from "../../src/trading/password-logins.ts";
import { UserLimitsTable } from "../../src/trading/user-limits.ts";
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

export interface InProcessAmounts {
  /** Tries of each class. */
  tries: number;
  /** Keys or names of each class. */
  keys: number;
}

/** The lowest costs that argon2id accepts, so that the hash does not hide the time of the code around it. */
const LEAST_COSTS = { memoryCost: 8, timeCost: 1 };
/** A name is locked after this many wrong tries, each from another network. */
const TRIES_UNTIL_LOCKED = 60;
/** The number of operators' tokens. Each wrong token is compared with all of them. */
const ADMIN_TOKENS = 16;
const HOUR_MS = 3_600_000;

export async function keysInProcess(
  directory: string,
  compare: Compare,
  { tries, keys: count }: InProcessAmounts,
): Promise<boolean[]> {
  const identity = await openIdentity(directory, "keys");
  await identity.createUser({ name: "Ann", permissions: ["trade"], accountNumber: 1 });
  const keys: string[] = [];
  for (let i = 0; i < 2 * count; i++) keys.push((await identity.createKey(1)).api_key);
  const subjects = subjectsOf(keys, unknownKey);
  const now = Date.now;
  const monotonic = (): number => performance.now();
  const path = join(directory, "used");
  const logins = new Logins({
    identity,
    signatures: UsedSignatures.open({ path, log: { warn: () => undefined }, now, monotonic }),
    callers: callersBy(monotonic),
    failures: new FailedLogins(),
    lines: { write: () => undefined },
    now,
    monotonic,
  });
  const differences: boolean[] = [];
  for (const proof of PROOFS) {
    const time = (key: string): number => {
      const login = wrongLogin(key, proof);
      const start = Bun.nanoseconds();
      logins.verify(login, "192.0.2.1");
      return since(start);
    };
    const what = `in the process, wrong ${proof}`;
    differences.push(
      await compare({ what, kinds: EXISTENCE, subjects, tries, sample: "key", time }),
    );
  }
  await identity.close();
  return differences;
}

/** Times names of users, of disabled users and of nobody. The users have logged in before. */
export async function namesInProcess(
  directory: string,
  compare: Compare,
  { tries, keys: count }: InProcessAmounts,
): Promise<boolean[]> {
  const identity = await openIdentity(directory, "names", new PasswordHashing(LEAST_COSTS));
  const names: string[] = [];
  for (let i = 1; i <= 3 * count; i++) {
    const name = unknownName();
    const passwordHash = await identity.passwords.hashing.hash("right", "192.0.2.0/24");
    await identity.createUser({ name, permissions: [], accountNumber: i, passwordHash });
    identity.loginNetworks.add(name, "192.0.2.0/24", Date.now());
    names.push(name);
  }
  // Every third name, so that the place in memory does not tell the disabled ones from the others.
  const disabled = names.filter((_, i) => i % 3 === 0);
  const enabled = names.filter((_, i) => i % 3 !== 0);
  for (let i = 1; i <= names.length; i += 3) await identity.setDisabled(i, true);
  let clock = 0;
  const monotonic = (): number => clock;
  const parts = { identity, callers: callersBy(monotonic), now: Date.now, monotonic };
  const ofNames = subjectsOf(enabled, unknownName);
  const ofUsers = { some: ofNames.others, same: noNames(count), others: disabled };
  const differences: boolean[] = [];
  for (const { what, kinds, subjects } of [
    { what: "wrong password", kinds: EXISTENCE, subjects: ofNames },
    { what: "wrong password", kinds: DISABLED, subjects: ofUsers },
  ]) {
    const logins = new PasswordLogins(parts);
    const time = async (name: string): Promise<number> => {
      // So much time passes between tries that no name is locked.
      clock += HOUR_MS;
      const address = nextAddress();
      const start = Bun.nanoseconds();
      await logins.verify(name, "wrong", address);
      return since(start);
    };
    const line = `in the process, least costs, ${what}`;
    differences.push(await compare({ what: line, kinds, subjects, tries, sample: "key", time }));
    const locked = new PasswordLogins(parts);
    for (const name of Object.values(subjects).flat()) {
      for (let i = 0; i < TRIES_UNTIL_LOCKED; i++) {
        await locked.verify(name, "wrong", nextAddress());
      }
    }
    const timeLocked = async (name: string): Promise<number> => {
      const address = nextAddress();
      const start = Bun.nanoseconds();
      const answer = await locked.verify(name, "wrong", address);
      const taken = since(start);
      if (!("code" in answer) || answer.code !== 42904) throw new Error("The name is not locked");
      return taken;
    };
    const whatLocked = "in the process, name locked by others' tries";
    differences.push(
      await compare({
        ...{ what: whatLocked, kinds, subjects, tries, sample: "key", time: timeLocked },
      }),
    );
  }
  const signUps = new SignUps(
    {
      ...parts,
      // Not used, because a sign-up with a name that is taken ends before.
      newUsers: undefined as never,
      passwordLogins: new PasswordLogins(parts),
    },
    { isOpen: true, usersMax: Number.MAX_SAFE_INTEGER, deposit: {} },
  );
  const timeSignUp = async (name: string): Promise<number> => {
    clock += HOUR_MS;
    const address = nextAddress();
    const body = { name, password: "a password" };
    const start = Bun.nanoseconds();
    await signUps.signUp(body, address).catch(() => undefined);
    return since(start);
  };
  differences.push(
    await compare({
      what: "in the process, sign-up with a name that is taken",
      kinds: ["by a user", "by a disabled one"],
      subjects: { ...ofNames, others: disabled },
      ...{ tries, sample: "key", time: timeSignUp },
    }),
  );
  await identity.close();
  return differences;
}

/** Times wrong tokens that begin like an operator's token, and random ones. */
export async function adminTokensInProcess(
  directory: string,
  compare: Compare,
  { tries, keys: count }: InProcessAmounts,
): Promise<boolean> {
  const tokens = new AdminTokens(directory, hex(32));
  const own: string[] = [];
  for (let i = 0; i < ADMIN_TOKENS; i++) {
    const made = await tokens.create({ name: `op${i}`, role: "read" }, 0, () => Promise.resolve());
    own.push(made.token);
  }
  const near = Array.from({ length: 2 * count }, (_, i) => {
    const token = own[i % own.length] as string;
    return `${token.slice(0, -4)}${hex(2)}`;
  });
  const subjects = subjectsOf(near, () => hex(32));
  const time = (token: string): number => {
    const shown = `${token.slice(0, 32)}${token.slice(32)}`;
    const start = Bun.nanoseconds();
    const operator = tokens.operatorOf(shown);
    const taken = since(start);
    if (operator !== null) throw new Error("A wrong token was accepted");
    return taken;
  };
  return compare({
    what: "in the process, wrong admin token",
    kinds: ["that begins like an operator's", "of a random one"],
    ...{ subjects, tries, sample: "key", time },
  });
}

function openIdentity(
  directory: string,
  name: string,
  hashing?: PasswordHashing,
): Promise<IdentityStore> {
  return IdentityStore.open(join(directory, name, IDENTITY_FILE), 0, hashing);
}

function callersBy(monotonic: () => number): Callers {
  const rates = { orders_per_second: 1, market_data_per_second: 1, burst_limit: 1 };
  const limits = new UserLimitsTable(rates);
  return new Callers({ limits, anonymousMarketData: true, monotonic });
}

function noNames(count: number): string[] {
  return Array.from({ length: count }, unknownName);
}
