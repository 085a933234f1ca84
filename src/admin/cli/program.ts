import { addAccountCommands, addDepositCommand } from "./commands/account.ts";
import { addAdminTokenCommands } from "./commands/admin-token.ts";
import { addArchiveCommands } from "./commands/archive.ts";
import { addAuditCommand } from "./commands/audit.ts";
import { addBackupCommand } from "./commands/backup.ts";
import { addCompletionCommands } from "./commands/completion.ts";
import { addConfigCommands } from "./commands/config.ts";
import { addDashboardCommand } from "./commands/dashboard.ts";
import { addKeyCommands } from "./commands/key.ts";
import { addLiveCommand } from "./commands/live.ts";
import { addMaintenanceCommands } from "./commands/maintenance.ts";
import { addMarketCommands } from "./commands/market.ts";
import { addOrderCommands } from "./commands/order.ts";
import { addPlayersCommands } from "./commands/players.ts";
import { addRestoreCommand } from "./commands/restore.ts";
import { addSchemaCommand } from "./commands/schema.ts";
import { addServeCommand, type ServeOptions } from "./commands/serve.ts";
import { addSnapshotCommand } from "./commands/snapshot.ts";
import { addStateCommand } from "./commands/state.ts";
import { addStatusCommand } from "./commands/status.ts";
import { addSymbolCommands } from "./commands/symbol.ts";
import { addUserCommands } from "./commands/user.ts";
import { addVersionCommand } from "./commands/version.ts";
import { addWalCommands } from "./commands/wal.ts";
import { addWebhookCommands } from "./commands/webhook.ts";
import { type Program, rootCommand } from "./root-command.ts";
import type { Terminal } from "./terminal.ts";

/**
 * The `waiver` program. `serve` runs the exchange; it is handed in because the exchange stands above
 * the CLI. Usage errors end the process with code 2, see `runCli`.
 */
export function createProgram(
  serve: (options: ServeOptions) => Promise<void>,
  terminal?: Terminal,
): Program {
  const program = rootCommand(terminal);
  addServeCommand(program, serve);
  addStatusCommand(program);
  addLiveCommand(program);
  addUserCommands(program);
  addKeyCommands(program);
  addAccountCommands(program);
  addDepositCommand(program);
  addPlayersCommands(program);
  addMarketCommands(program);
  addSymbolCommands(program);
  addOrderCommands(program);
  addMaintenanceCommands(program);
  addStateCommand(program);
  addDashboardCommand(program);
  addSnapshotCommand(program);
  addBackupCommand(program);
  addAdminTokenCommands(program);
  addWalCommands(program);
  addWebhookCommands(program);
  addAuditCommand(program);
  addArchiveCommands(program);
  addRestoreCommand(program);
  addConfigCommands(program);
  addSchemaCommand(program);
  addCompletionCommands(program);
  addVersionCommand(program);
  return program;
}
