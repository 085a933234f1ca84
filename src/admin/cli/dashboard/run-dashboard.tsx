/** Runs the dashboard in the terminal until it is quit, and leaves the terminal as it was. */
import { render } from "ink";
import type { Connection } from "../admin-client.ts";
import { CliError } from "../cli-error.ts";
import { AdminFeed } from "./admin-feed.ts";
import { App } from "./app.tsx";
import { MarketFeed } from "./market-feed.ts";

/** Market data comes faster than anybody reads, so the screen is drawn at most this often. */
const DRAW_EVERY_MS = 250;

/** Resolves when the operator quits. Rejects with `CliError` when there is no terminal. */
export async function runDashboard(connection: Connection): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new CliError(
      "The dashboard needs a terminal, and there is none; `waiver state --json` and /metrics are for programs.",
    );
  }
  const changes = new Changes();
  const admin = new AdminFeed(connection, changes.tell);
  const market = new MarketFeed(connection.url, changes.tell);
  const app = render(
    <App url={connection.url} admin={admin} market={market} onChange={changes.onChange} />,
    // `interactive` also when a variable of the environment says that this is CI: there is a terminal.
    { alternateScreen: true, incrementalRendering: true, exitOnCtrlC: false, interactive: true },
  );
  // The terminal is gone.
  process.stdin.once("end", () => app.unmount());
  process.stdin.once("close", () => app.unmount());
  admin.start();
  market.start();
  try {
    await app.waitUntilExit();
  } finally {
    admin.stop();
    market.stop();
    changes.stop();
  }
}

/** Tells its handlers of changes, of many at once. */
class Changes {
  readonly #handlers = new Set<() => void>();
  #timer: Timer | undefined;

  readonly tell = (): void => {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const handler of this.#handlers) handler();
    }, DRAW_EVERY_MS);
  };

  readonly onChange = (handler: () => void): (() => void) => {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  };

  stop(): void {
    clearTimeout(this.#timer);
  }
}
