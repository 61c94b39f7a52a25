import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** An execution hook (docs/api.md, section 2). */
@Entity('execution_hooks')
@Unique('execution_hooks_name_unique', ['accountId', 'name', 'nameScope'])
@Index('execution_hooks_created_index', ['accountId', 'createdAt', 'id'])
@Index('execution_hooks_app_index', ['accountId', 'appId', 'createdAt', 'id'])
@Index('execution_hooks_hook_source_index', ['accountId', 'hookSourceId', 'createdAt', 'id'])
@Index('execution_hooks_action_index', ['accountId', 'action', 'stage', 'createdAt', 'id'])
@Index('execution_hooks_name_index', ['accountId', 'name', 'id'])
@Index('execution_hooks_modified_index', ['accountId', 'modifiedAt', 'id'])
@Index('execution_hooks_members_index', ['labels', 'matchingCriteria', 'arguments'], { type: 'gin' })
@ForeignKey('Account', ['accountId'], ['id'], { name: 'execution_hooks_account_fk', onDelete: 'CASCADE' })
@ForeignKey('App', ['accountId', 'appId'], ['accountId', 'id'], { name: 'execution_hooks_app_fk', onDelete: 'CASCADE' })
@ForeignKey('HookSource', ['accountId', 'hookSourceId'], ['accountId', 'id'], {
  name: 'execution_hooks_hook_source_fk',
})
@Check('execution_hooks_hook_type_check', "hook_type IN ('netapp', 'custom')")
@Check('execution_hooks_app_check', "(hook_type = 'netapp') = (app_id IS NULL)")
@Check('execution_hooks_action_check', "action IN ('snapshot', 'backup', 'restore', 'failover')")
@Check('execution_hooks_stage_check', "stage IN ('pre', 'post')")
@Check('execution_hooks_enabled_check', "enabled IN ('true', 'false')")
export class ExecutionHook {
  @PrimaryColumn({ type: 'uuid', name: 'account_id', primaryKeyConstraintName: 'execution_hooks_pk' })
  accountId: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'execution_hooks_pk' })
  id: string;

  @Column({ type: 'text', collation: 'C' })
  version: string;

  @Column({ type: 'text', collation: 'C' })
  name: string;

  /** Within which `name` is unique: the null UUID for the account, or the id of the app (`hook_name_scope`). */
  @Column({ type: 'uuid', name: 'name_scope' })
  nameScope: string;

  @Column({ type: 'text', name: 'hook_type', collation: 'C' })
  hookType: string;

  @Column({ type: 'jsonb', name: 'matching_criteria', default: [] })
  matchingCriteria: { type: string; value: string }[];

  @Column({ type: 'text', collation: 'C' })
  action: string;

  @Column({ type: 'text', collation: 'C' })
  stage: string;

  @Column({ type: 'uuid', name: 'hook_source_id' })
  hookSourceId: string;

  @Column({ type: 'jsonb', default: [] })
  arguments: string[];

  /** Null for the hooks of the operator (`netapp`), which belong to no app. */
  @Column({ type: 'uuid', name: 'app_id', nullable: true })
  appId: string | null;

  @Column({ type: 'text', collation: 'C', default: 'true' })
  enabled: string;

  @Column({ type: 'text', collation: 'C', nullable: true })
  description: string | null;

  @Column({ type: 'jsonb', name: 'excluding_criteria', nullable: true })
  excludingCriteria: { type: string; value: string }[] | null;

  @Column({ type: 'jsonb', nullable: true })
  execution: object | null;

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
