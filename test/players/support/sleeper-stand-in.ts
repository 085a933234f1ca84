import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { serve } from "bun";

/** A stand-in for the Sleeper API on this machine. A test sets its answers. */
export class SleeperStandIn implements AsyncDisposable {
  /** The `If-None-Match` of every request, "" where it had none. */
  readonly requests: string[] = [];
  answer: (request: Request) => Response | Promise<Response>;
  readonly #server;

  constructor(answer: unknown = {}) {
    this.answer = () => Response.json(answer);
    this.#server = serve({
      port: 0,
      hostname: "127.0.0.1",
      routes: {
        "/v1/players/nfl": (request) => {
          this.requests.push(request.headers.get("if-none-match") ?? "");
          return this.answer(request);
        },
      },
      fetch: () => new Response("no such path", { status: 404 }),
    });
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}

/** An answer that sends its beginning and never ends. */
export function endlessAnswer(): Response {
  return new Response(
    new ReadableStream({
      async pull(controller) {
        controller.enqueue(new TextEncoder().encode('{"1":'));
        await new Promise(() => undefined);
      },
    }),
  );
}

/** A reply by player id. */
export function reply(...players: { player_id: string }[]): Record<string, unknown> {
  return Object.fromEntries(players.map((player) => [player.player_id, player]));
}

/** An active receiver of Kansas City, unless `fields` change that. */
export function sleeperPlayer(player_id: string, fields: object = {}) {
  const full_name = `Player ${player_id}`;
  const about = { team: "KC", position: "WR", number: 1, status: "Active", active: true };
  return { player_id, full_name, ...about, ...fields };
}

export const QUIRKS: Record<string, unknown> = JSON.parse(
  readFileSync(join(import.meta.dir, "../fixtures/sleeper-quirks.json"), "utf8"),
);

const realPath =
  process.env.WAIVER_SLEEPER_DATA ??
  join(import.meta.dir, "../../../../shared/data/sleeper-players-nfl.json");

/** Sleeper's reply of one day in August; null if the file is missing. */
export const REAL_REPLY_PATH = existsSync(realPath) ? realPath : null;
