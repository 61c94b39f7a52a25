import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** What one app makes of a `netapp` hook: whether it is enabled there (docs/api.md, section 7). */
@Entity('execution_hook_overrides')
@Unique('execution_hook_overrides_hook_unique', ['accountId', 'appId', 'executionHookId'])
@Index('execution_hook_overrides_created_index', ['accountId', 'appId', 'createdAt', 'id'])
@Index('execution_hook_overrides_hook_index', ['accountId', 'executionHookId'])
@ForeignKey('App', ['accountId', 'appId'], ['accountId', 'id'], {
  name: 'execution_hook_overrides_app_fk',
  onDelete: 'CASCADE',
})
@ForeignKey('ExecutionHook', ['accountId', 'executionHookId'], ['accountId', 'id'], {
  name: 'execution_hook_overrides_hook_fk',
  onDelete: 'CASCADE',
})
@Check('execution_hook_overrides_enabled_check', "enabled IN ('true', 'false')")
export class ExecutionHookOverride {
  @PrimaryColumn({ type: 'uuid', name: 'account_id', primaryKeyConstraintName: 'execution_hook_overrides_pk' })
  accountId: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'execution_hook_overrides_pk' })
  id: string;

  @Column({ type: 'uuid', name: 'app_id' })
  appId: string;

  @Column({ type: 'uuid', name: 'execution_hook_id' })
  executionHookId: string;

  @Column({ type: 'text', collation: 'C' })
  enabled: string;

  @Column({ type: 'jsonb', default: [] })
  labels: { name: string; value: string }[];

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt: string;

  @Column({ type: 'timestamptz', name: 'modified_at', default: () => 'clock_timestamp()' })
  modifiedAt: string;

  @Column({ type: 'uuid', name: 'created_by' })
  createdBy: string;

  @Column({ type: 'uuid', name: 'modified_by', nullable: true })
  modifiedBy: string | null;
}
