/** The first stage: the state of the exchange as it was, from its journal and snapshots. */

import { mkdirSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { recoverBeside } from "../execution/replay.ts";
import { expectFreePort } from "../gateway/free-port.ts";
import { expectFreeSocket } from "../gateway/local-socket.ts";
import { StorageHealth } from "../gateway/storage-health.ts";
import { ownProgram } from "../host/own-program.ts";
import { PagesAhead } from "../host/pages-ahead.ts";
import { IDENTITY_FILE, IdentityStore } from "../identity/identity-store.ts";
import { highestUserOf } from "../identity/journal-users.ts";
import { USED_SIGNATURES_FILE, UsedSignatures } from "../identity/used-signatures.ts";
import type { Log } from "../lib/log.ts";
import type { RecoveryProgress } from "../persistence/backend.ts";
import type { CloudPersistence } from "../persistence/cloud.ts";
import { DiskSpace } from "../persistence/disk-space.ts";
import { JournalCheck } from "../persistence/journal-check.ts";
import { JOURNAL_END_FILE, JournalEnd } from "../persistence/journal-end.ts";
import { LocalPersistence } from "../persistence/local.ts";
import { diskFileSystem } from "../persistence/wal/file-system.ts";
import { ClockWatch } from "../router/clock-watch.ts";
import { Sequencer } from "../router/sequencer.ts";
import { ARMED_CANCELS_FILE, ArmedCancels } from "../trading/armed-cancels.ts";
import type { Common } from "./common.ts";
import { freshState } from "./fresh-state.ts";

export type State = Awaited<ReturnType<typeof openState>>;

/** Recovers the state, and leaves the journal ready for the next tick. Rejects with the reason when it cannot. */
export async function openState(
  common: Common,
  onProgress: ((progress: RecoveryProgress) => void) | undefined,
) {
  const { config, log, health, now, signal } = common;
  // It has keys, positions and everybody's orders, so only the user that runs the exchange may read it.
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const state = freshState(config.players.symbolsMax, config.market.isWarmedUp);
  const archive = await openArchive(config, log);
  const backend = archive ?? new LocalPersistence(journalOptions(config));
  const { walDir, snapshotDir } = config.persistence;
  const space = new DiskSpace({
    directories: [walDir, snapshotDir, config.dataDir],
    lowSpaceBytes: config.persistence.lowSpaceBytes,
    freeBytes: diskFileSystem.freeBytes,
    deviceOf: async (directory) => (await stat(directory)).dev,
    onChecked: () => {
      backend.prepareAgain();
      health.readiness();
    },
  });
  const storageHealth = new StorageHealth({ journal: backend, space, log, now });
  health.add("persistence", storageHealth.read);
  const sequencer = new Sequencer(common.stamp);
  const parts = { ...state, backend, sequencer, snapshots: state, onProgress, log };
  const { unusable } = await recoverBeside(parts, signal);
  const { view } = state.core;
  const pagesAhead = new PagesAhead(state.growing, view.openOrderCount);
  pagesAhead.start();
  const clockWatch = new ClockWatch({ stamped: () => sequencer.timestamp, log });
  health.addReason("clock", () => clockWatch.reason(), now);
  clockWatch.start();
  const journalCheck = createJournalCheck(config, backend.sealedThrough(), log);
  const journalEnd = new JournalEnd({
    path: join(config.dataDir, JOURNAL_END_FILE),
    exchange: backend.exchangeId(),
    onFault: (error) => log.warn({ error: String(error) }, `${JOURNAL_END_FILE} is not written`),
  });
  const shortfall = journalEnd.shortfall(view.tick());
  if (shortfall !== null) log.warn({ reason: shortfall }, "the journal is older than its users");
  health.addReason("journal", () => journalCheck.reason() ?? shortfall, now);
  void journalCheck.start();
  // The start does not wait until this is on disk.
  void journalEnd.note(view.tick());
  const identity = await openIdentity(common, highestUserOf(view));
  health.addReason("identity", () => identity.identity.trouble(), now);
  return {
    ...state,
    view,
    ...identity,
    backend,
    archive,
    journalEnd,
    space,
    storageHealth,
    sequencer,
    /** Ticks of the snapshots that this start could not use. */
    refused: new Set(unusable.map(({ tick }) => tick)),
    /** The last one closed: from then on another process may use the data directory. */
    async [Symbol.asyncDispose]() {
      pagesAhead.stop();
      clockWatch.stop();
      journalCheck.stop();
      space.stop();
      identity.signatures.close();
      identity.armedCancels.close();
      await identity.identity.close();
      // After a failure the core may have applied a tick that is not on disk.
      if (backend.failure === null) await journalEnd.note(view.tick());
      await backend.close();
    },
  };
}

/** Opens the users with their keys, the signatures that were used, and the cancels that logins have armed. */
async function openIdentity({ config, log, now, monotonic }: Common, highestUser: number) {
  const identity = await IdentityStore.open(join(config.dataDir, IDENTITY_FILE), highestUser);
  const keys = identity.keysWithoutSignature;
  if (keys > 0) {
    log.warn(
      { keys },
      "some API keys must log in with their secret once before they can log in with a signature",
    );
  }
  const path = join(config.dataDir, USED_SIGNATURES_FILE);
  return {
    identity,
    signatures: UsedSignatures.open({ path, log, now, monotonic }),
    armedCancels: ArmedCancels.open({ path: join(config.dataDir, ARMED_CANCELS_FILE), log }),
  };
}

function createJournalCheck({ persistence }: Config, through: number, log: Log): JournalCheck {
  const program = ownProgram("journal-check-worker");
  return new JournalCheck({ walDir: persistence.walDir, through, program, log });
}

function journalOptions({ persistence: config, dataDir, gateway }: Config) {
  return {
    beforeReading(): void {
      expectFreePort(gateway.host, gateway.port);
      if (gateway.adminSocket !== null) expectFreeSocket(gateway.adminSocket);
    },
    dataDirectory: dataDir,
    directory: config.walDir,
    snapshotDirectory: config.snapshotDir,
    segmentBytes: config.segmentBytes,
    durability: config.durability,
    flushIntervalMs: config.flushIntervalMs,
  };
}

/** The journal with an archive on S3, whose code is loaded only here; null where none is configured. */
async function openArchive(config: Config, log: Log): Promise<CloudPersistence | null> {
  const { backend, archive } = config.persistence;
  if (backend === "local") return null;
  const { CloudPersistence } = await import("../persistence/cloud.ts");
  const { S3ObjectStore } = await import("../persistence/archive/s3-object-store.ts");
  return new CloudPersistence({
    ...journalOptions(config),
    store: new S3ObjectStore(archive),
    uploadIntervalMs: archive.uploadIntervalMs,
    retentionDays: archive.retentionDays,
    archiveKey: archive.key,
    log,
  });
}
