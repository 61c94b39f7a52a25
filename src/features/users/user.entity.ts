import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** A user, who has a role in an account by a role binding (docs/api.md, section 7). */
@Entity('users')
@Unique('users_auth_unique', ['authProvider', 'authId'])
@Index('users_account_index', ['accountId', 'createdAt', 'id'])
@ForeignKey('Account', ['accountId'], ['id'], { name: 'users_account_fk', onDelete: 'SET NULL' })
@Check('users_is_enabled_check', "is_enabled IN ('true', 'false')")
export class User {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'users_pk' })
  id: string;

  @Column({ type: 'text', collation: 'C', default: 'active' })
  state: string;

  @Column({ type: 'text', name: 'is_enabled', collation: 'C', default: 'true' })
  isEnabled: string;

  @Column({ type: 'text', name: 'first_name', collation: 'C', default: '' })
  firstName: string;

  @Column({ type: 'text', name: 'last_name', collation: 'C', default: '' })
  lastName: string;

  @Column({ type: 'text', collation: 'C', nullable: true })
  email: string | null;

  @Column({ type: 'text', name: 'auth_provider', collation: 'C', default: 'local' })
  authProvider: string;

  @Column({ type: 'text', name: 'auth_id', collation: 'C', nullable: true })
  authId: string | null;

  /**
   * The account that made the user and vouches for who that is: it alone changes and deletes the user, whichever
   * accounts bind them. Null once that account is gone.
   */
  @Column({ type: 'uuid', name: 'account_id', nullable: true })
  accountId: string | null;

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
