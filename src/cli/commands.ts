import type { Command } from './command.js';
import { bindUser } from './commands/bind-user.js';
import { check } from './commands/check.js';
import { createAccountCommand } from './commands/create-account.js';
import { createTokenCommand } from './commands/create-token.js';
import { demoLoad } from './commands/demo-load.js';
import { listAccounts } from './commands/list-accounts.js';
import { listApps } from './commands/list-apps.js';
import { migrateCommand } from './commands/migrate.js';
import { installHooks, listHooks, removeHooks } from './commands/netapp-hooks.js';
import { revokeToken } from './commands/revoke-token.js';

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly Command[] = [
  check,
  migrateCommand,
  createAccountCommand,
  listAccounts,
  createTokenCommand,
  bindUser,
  revokeToken,
  installHooks,
  listHooks,
  removeHooks,
  listApps,
  demoLoad,
];
