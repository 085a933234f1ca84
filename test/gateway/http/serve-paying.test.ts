import { expect, test } from "bun:test";
import { ClientAddresses } from "../../../src/gateway/client-addresses.ts";
import { Refusals } from "../../../src/gateway/http/refusals.ts";
import { RequestGate } from "../../../src/gateway/http/request-gate.ts";
import { HttpError } from "../../../src/gateway/http/responses.ts";
import { route } from "../../../src/gateway/http/route.ts";
import { chargingRefusals, servePaying } from "../../../src/gateway/http/serve-paying.ts";
import { RestRoute } from "../../../src/gateway/rest/rest-route.ts";
import { Lifecycle } from "../../../src/lib/lifecycle.ts";
import { ErrorCode, errorBody } from "../../../src/protocol/errors.ts";
import { restRoutes } from "../../../src/protocol/schemas/rest.ts";
import { serveRoutes } from "./route-server.ts";

/** Routes whose login, or answer, fails with `error`, at an address that may ask for two. */
function open(error: Error) {
  const addresses = new ClientAddresses([]);
  const monotonic = () => 0;
  const refusals = new Refusals(monotonic);
  const gate = new RequestGate({ addresses, refusals, perSecond: 2, monotonic });
  const fail = () => Promise.reject(error);
  const httpLogins = { callerOf: fail, loginOf: fail };
  const parts = { addresses, gate, httpLogins, monotonic, lifecycle: new Lifecycle() };
  const rest = { ...parts, watch: { begun: () => 0 } } as unknown as ConstructorParameters<
    typeof RestRoute
  >[2];
  const routes = [
    route("GET /login", {}, (call) => servePaying(parts, call, 1, () => ({}))),
    route("GET /answer", {}, chargingRefusals(parts, fail)),
    new RestRoute("GET /time", restRoutes["GET /time"], rest),
  ];
  const served = serveRoutes([{ weight: 0, routes }], (...given) => gate.charge(...given));
  const codesOf = async (path: string): Promise<number[]> => {
    const codes: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { code } = (await (await fetch(served.url + path)).json()) as { code: number };
      codes.push(code);
    }
    return codes;
  };
  return { ...served, codesOf };
}

test.each(["/login", "/answer", "/api/v1/time"])(
  "at %s an unexpected error is told and logged, also where the address has nothing left",
  async (path) => {
    const bug = new Error("a bug");
    await using served = open(bug);
    expect(await served.codesOf(path)).toEqual([50000, 50000, 50000]);
    expect([served.bugs, served.refused]).toEqual([
      [bug, bug, bug],
      [50000, 50000, 50000],
    ]);
  },
);

test.each(["/login", "/answer", "/api/v1/time"])(
  "at %s a refusal is 42902 where the address has nothing left",
  async (path) => {
    await using served = open(new HttpError(errorBody(ErrorCode.WRONG_CREDENTIALS)));
    expect(await served.codesOf(path)).toEqual([40101, 40101, 42902]);
    expect(served.bugs).toEqual([]);
  },
);
