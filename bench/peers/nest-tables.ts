import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A name and its value. */
export interface Label {
  readonly name: string;
  readonly value: string;
}

/** The tables as a typical service maps them: what it reads of each, timestamps as text so that none loses digits. */
@Entity('tokens')
export class TokenRow {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'user_id' })
  userId: string;

  @Column({ type: 'uuid', name: 'account_id' })
  accountId: string;

  @Column({ type: 'bytea', name: 'token_sha256' })
  tokenSha256: Buffer;
}

/** See {@link TokenRow}. */
@Entity('role_bindings')
export class RoleBindingRow {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'account_id' })
  accountId: string;

  @Column({ type: 'uuid', name: 'user_id' })
  userId: string;

  @Column('text')
  role: string;
}

/** See {@link TokenRow}. */
@Entity('execution_hooks')
export class ExecutionHookRow {
  @PrimaryColumn({ type: 'uuid', name: 'account_id' })
  accountId: string;

  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  version: string;

  @Column('text')
  name: string;

  @Column({ type: 'text', name: 'hook_type' })
  hookType: string;

  @Column({ type: 'jsonb', name: 'matching_criteria' })
  matchingCriteria: { type: string; value: string }[];

  @Column('text')
  action: string;

  @Column('text')
  stage: string;

  @Column({ type: 'uuid', name: 'hook_source_id' })
  hookSourceId: string;

  @Column('jsonb')
  arguments: string[];

  @Column({ type: 'uuid', name: 'app_id' })
  appId: string;

  @Column('text')
  enabled: string;

  @Column('text')
  description: string;

  @Column('jsonb')
  labels: Label[];

  @Column({ type: 'text', name: 'created_at' })
  createdAt: string;

  @Column({ type: 'text', name: 'modified_at' })
  modifiedAt: string;

  @Column({ type: 'uuid', name: 'created_by' })
  createdBy: string;
}

/** See {@link TokenRow}. */
@Entity('inventory_pods')
export class PodRow {
  @PrimaryColumn({ type: 'uuid', name: 'account_id' })
  accountId: string;

  @PrimaryColumn({ type: 'uuid', name: 'app_id' })
  appId: string;

  @PrimaryColumn('text')
  namespace: string;

  @PrimaryColumn('text')
  pod: string;

  @Column('jsonb')
  labels: Label[];

  @Column('jsonb')
  containers: { name: string; image: string }[];
}
