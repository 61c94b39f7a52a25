import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** The role of one user in one account (docs/api.md, section 7). */
@Entity('role_bindings')
@Unique('role_bindings_user_unique', ['accountId', 'userId'])
@Index('role_bindings_user_index', ['userId'])
@Index('role_bindings_created_index', ['accountId', 'createdAt', 'id'])
@ForeignKey('Account', ['accountId'], ['id'], { name: 'role_bindings_account_fk', onDelete: 'CASCADE' })
@ForeignKey('User', ['userId'], ['id'], { name: 'role_bindings_user_fk', onDelete: 'CASCADE' })
@Check('role_bindings_role_check', "role IN ('viewer', 'member', 'admin', 'owner')")
export class RoleBinding {
  @PrimaryColumn({ type: 'uuid', name: 'account_id', primaryKeyConstraintName: 'role_bindings_pk' })
  accountId: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'role_bindings_pk' })
  id: string;

  @Column({ type: 'uuid', name: 'user_id' })
  userId: string;

  @Column({ type: 'text', collation: 'C' })
  role: string;

  @Column({ type: 'jsonb', name: 'role_constraints', default: ['*'] })
  roleConstraints: string[];

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
