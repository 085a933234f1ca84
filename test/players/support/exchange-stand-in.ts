import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SymbolState } from "../../../src/core/command.ts";
import { PlayerService } from "../../../src/players/service.ts";
import { logTo } from "../../lib/logs.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeCore } from "./fake-core.ts";
import type { SleeperStandIn } from "./sleeper-stand-in.ts";

interface Settings {
  source?: "sleeper" | "offline";
  symbolsMax?: number;
}

/** What a player service needs to restart: a data directory, a core and a clock. */
export class ExchangeStandIn implements Disposable {
  readonly dataDir = mkdtempSync(join(tmpdir(), "waiver-players-"));
  readonly core = new FakeCore();
  readonly clock = new FakeClock();
  /** The logged messages with their level. */
  readonly logged: string[] = [];
  readonly #sleeper: SleeperStandIn | { baseUrl: string };

  constructor(sleeper: SleeperStandIn | { baseUrl: string }) {
    this.#sleeper = sleeper;
  }

  /** A service as after a start of the process: it knows only what is on disk and in the journal. */
  service({ source = "sleeper", symbolsMax = 4096 }: Settings = {}): PlayerService {
    const log = logTo((level, _, message) => this.logged.push(`${level}: ${message}`));
    return new PlayerService({
      config: {
        source,
        sleeperBaseUrl: this.#sleeper.baseUrl,
        refreshIntervalMs: 86_400_000,
        fetchTimeoutMs: 5000,
        symbolsMax,
      },
      dataDir: this.dataDir,
      priceIncrement: 5,
      port: this.core,
      stateOf: this.core.stateOf,
      isTimed: (symbol) => this.core.timed.has(symbol),
      listed: this.core.listed,
      log,
      clock: this.clock,
    });
  }

  /** Starts the service, and waits for the refresh that runs in the background if there is a registry. */
  async started(settings: Settings = {}): Promise<PlayerService> {
    const isFirstStart = this.core.listed.length === 0;
    const service = this.service(settings);
    await service.start();
    if (!isFirstStart && settings.source !== "offline") await service.refresh();
    return service;
  }

  /** Every listed player's state by id, ordered by id. */
  states(): Record<string, string> {
    const names = Object.entries(SymbolState);
    const rows = this.core.listed.map(({ symbol, playerId }): [string, string] => [
      playerId,
      names.find(([, state]) => state === this.core.stateOf(symbol))?.[0] ?? "",
    ]);
    return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  [Symbol.dispose](): void {
    rmSync(this.dataDir, { recursive: true });
  }
}
