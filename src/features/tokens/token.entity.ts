import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** An opaque bearer token of a user in an account (docs/api.md, section 7). */
@Entity('tokens')
@Unique('tokens_sha256_unique', ['tokenSha256'])
@Index('tokens_user_index', ['userId', 'accountId', 'createdAt', 'id'])
@ForeignKey('Account', ['accountId'], ['id'], { name: 'tokens_account_fk', onDelete: 'CASCADE' })
@ForeignKey('User', ['userId'], ['id'], { name: 'tokens_user_fk', onDelete: 'CASCADE' })
@Check('tokens_role_limit_check', "role_limit IN ('viewer', 'member', 'admin', 'owner')")
export class Token {
  @PrimaryColumn({ type: 'uuid', name: 'account_id', primaryKeyConstraintName: 'tokens_pk' })
  accountId: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'tokens_pk' })
  id: string;

  @Column({ type: 'uuid', name: 'user_id' })
  userId: string;

  @Column({ type: 'text', collation: 'C' })
  name: string;

  /** SHA-256 of the token, 32 bytes: the token itself is stored nowhere. */
  @Column({ type: 'bytea', name: 'token_sha256' })
  tokenSha256: Buffer;

  /** The token never does more than this role may, whatever its user's role: that of who made it for another. */
  @Column({ type: 'text', name: 'role_limit', collation: 'C', nullable: true })
  roleLimit: string | null;

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt: string | null;

  @Column({ type: 'timestamptz', name: 'last_used_at', nullable: true })
  lastUsedAt: string | null;

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
