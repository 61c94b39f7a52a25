import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { violatedConstraint } from '../../database/postgres-problem.js';
import { Settings } from '../../settings/settings.js';

/**
 * Applies `HOOK_NAME_SCOPE` at start: whether a hook's name is unique in its account or only in its app (docs/api.md,
 * section 2). The database holds the setting, and each write takes it from there, so that replicas which are not yet
 * restarted with a new value keep to it too and the unique constraint never sees two opinions.
 */
@Injectable()
export class HookNameScopeService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  /** @throws Error when names that the apps share forbid the wider scope */
  async onModuleInit(): Promise<void> {
    const scope = this.settings.hookNameScope;
    try {
      await this.database.transaction(async (transaction) => {
        const [current] = await transaction.query<{ scope: string }>({
          text: 'SELECT scope FROM hook_name_scope FOR UPDATE',
        });
        if (current?.scope === scope) return;
        // Waits for the writes under way; those that come after read the new scope.
        await transaction.query({ text: 'LOCK TABLE execution_hooks IN SHARE ROW EXCLUSIVE MODE' });
        await transaction.query({ text: 'UPDATE hook_name_scope SET scope = $1' }, [scope]);
        await transaction.query({
          text: `
            UPDATE execution_hooks
            SET name_scope = CASE scope WHEN 'app' THEN coalesce(app_id, '00000000-0000-0000-0000-000000000000')
                                        ELSE '00000000-0000-0000-0000-000000000000' END
            FROM hook_name_scope`,
        });
      });
    } catch (error) {
      if (violatedConstraint(error) !== 'execution_hooks_name_unique') throw error;
      throw new Error(
        'HOOK_NAME_SCOPE=account is not possible: hooks of different apps have the same name. ' +
          'Rename them, or start with HOOK_NAME_SCOPE=app.',
        { cause: error },
      );
    }
  }
}
