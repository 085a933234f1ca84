/** Connections by another issuer's token when the issuer's keys change. */
import { expect, test } from "bun:test";
import { IssuedLogins } from "../../../src/gateway/websocket/issued-logins.ts";
import type { Login } from "../../../src/trading/login.ts";
import { eventually } from "../../lib/eventually.ts";
import { openGateway } from "../rig.ts";

/** Sweeps of a second. */
const LOOK = 10;

test("what a withdrawn key has opened ends; other logins and other keys' stay", async () => {
  await using rig = await openGateway();
  const keys = await rig.createUser();
  const withdrawn = rig.connectAs(keys);
  const stays = rig.connectAs(keys);
  const byKey = rig.connectAs(keys);
  const again = rig.connectAs(keys);
  const stranger = rig.connect("market-data");
  const login = byKey.session.login as Login;
  for (const [socket, token] of [
    [withdrawn, "withdrawn"],
    [stays, "stays"],
    [again, "withdrawn again"],
  ] as const) {
    socket.session.login = { ...login, issued: { token, keysVersion: 1 } };
  }
  const checked: string[] = [];
  let asked = 0;
  let answer = Promise.withResolvers<number>();
  const issued = new IssuedLogins({
    issuerKeys: () => {
      asked++;
      return answer.promise;
    },
    renewed: async (each) => {
      const token = each.issued?.token ?? "none";
      checked.push(token);
      // While this one is checked, it logs in with a key.
      if (token === "withdrawn again") again.session.login = login;
      return token === "stays" ? { ...each, issued: { token, keysVersion: 2 } } : null;
    },
  });
  const sockets = [withdrawn, stays, byKey, again, stranger];
  const sessions = new Set(sockets.map(({ session }) => session));
  const sweep = (times: number): void => {
    for (let n = 0; n < times; n++) issued.sweep(sessions);
  };
  sweep(LOOK - 1);
  expect(asked).toBe(0);
  // However long the issuer takes, it is asked once.
  sweep(5 * LOOK);
  expect(asked).toBe(1);
  answer.resolve(2);
  await eventually(() => checked.length === 3 && withdrawn.closed !== null);
  expect(checked).toEqual(["withdrawn", "stays", "withdrawn again"]);
  const closed = { code: 4003, reason: "token no longer valid" };
  expect(sockets.map((socket) => socket.closed)).toEqual([closed, null, null, null, null]);

  answer = Promise.withResolvers<number>();
  answer.resolve(2);
  sessions.delete(withdrawn.session);
  await eventually(() => {
    sweep(LOOK);
    return asked > 2;
  });
  expect(checked).toHaveLength(3);
});

test("an issuer is not asked for the sake of logins that are not its own", async () => {
  await using rig = await openGateway();
  const { session } = rig.connectAs(await rig.createUser());
  const issued = new IssuedLogins({
    issuerKeys: () => Promise.reject(new Error("asked")),
    renewed: (login) => Promise.resolve(login),
  });
  for (let n = 0; n < 3 * LOOK; n++) issued.sweep(new Set([session]));
});
