import { expect, test } from "bun:test";
import { withRecentActions } from "../../src/admin/recent-actions.ts";
import { HttpError } from "../../src/gateway/http/responses.ts";
import { route } from "../../src/gateway/http/route.ts";
import { ErrorCode, errorBody } from "../../src/protocol/errors.ts";
import { serveRoutes } from "../gateway/http/route-server.ts";

test("the changes that operators requested are listed with their results, newest first", async () => {
  let time = 0;
  const lines: unknown[] = [];
  const group = {
    under: "/admin/v1",
    routes: [
      route("GET /admin/v1/things", {}, () => ({ things: [] })),
      route("POST /admin/v1/things/:id", {}, () => ({})),
      route("DELETE /admin/v1/things/:id", {}, () => {
        throw new HttpError(errorBody(ErrorCode.UNKNOWN_ORDER));
      }),
    ],
  };
  await using served = serveRoutes([
    withRecentActions(
      group,
      () => ++time,
      () => "ann",
      { info: (...line) => void lines.push(line), warn: () => {}, error: () => {} },
    ),
  ]);
  const call = (method: string, path: string) =>
    fetch(`${served.url}/admin/v1${path}`, { method }).then((answer) => answer.json());
  await call("GET", "/things");
  await call("POST", "/things/1?x=secret");
  await call("DELETE", "/things/2");
  expect(await call("GET", "/actions")).toEqual({
    actions: [
      { timestamp: 2, by: "ann", action: "DELETE /things/2", code: ErrorCode.UNKNOWN_ORDER },
      { timestamp: 1, by: "ann", action: "POST /things/1", code: 0 },
    ],
  });
  expect(lines).toEqual([
    [{ by: "ann", action: "POST /things/1", code: 0 }, "admin action"],
    [{ by: "ann", action: "DELETE /things/2", code: ErrorCode.UNKNOWN_ORDER }, "admin action"],
  ]);
  for (let i = 0; i < 150; i++) await call("POST", `/things/${i}`);
  const { actions } = (await call("GET", "/actions")) as { actions: object[] };
  expect(actions).toHaveLength(100);
  expect(actions[0]).toEqual({ timestamp: 152, by: "ann", action: "POST /things/149", code: 0 });
});
