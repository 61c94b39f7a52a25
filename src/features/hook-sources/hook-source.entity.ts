import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** A script that execution hooks run (docs/api.md, section 10). */
@Entity('hook_sources')
@Unique('hook_sources_name_unique', ['accountId', 'name'])
@Index('hook_sources_created_index', ['accountId', 'createdAt', 'id'])
@ForeignKey('Account', ['accountId'], ['id'], { name: 'hook_sources_account_fk', onDelete: 'CASCADE' })
@Check('hook_sources_private_check', "private IN ('true', 'false')")
@Check('hook_sources_preloaded_check', "preloaded IN ('true', 'false')")
export class HookSource {
  @PrimaryColumn({ type: 'uuid', name: 'account_id', primaryKeyConstraintName: 'hook_sources_pk' })
  accountId: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'hook_sources_pk' })
  id: string;

  @Column({ type: 'text', collation: 'C' })
  version: string;

  @Column({ type: 'text', collation: 'C' })
  name: string;

  @Column({ type: 'text', name: 'source_type', collation: 'C' })
  sourceType: string;

  /** Base64, as the client sent it. */
  @Column({ type: 'text', collation: 'C' })
  source: string;

  /** Hexadecimal MD5 of `source`. */
  @Column({ type: 'text', name: 'source_md5', collation: 'C' })
  sourceMd5: string;

  @Column({ type: 'text', collation: 'C', default: 'false' })
  private: string;

  @Column({ type: 'text', collation: 'C', default: 'false' })
  preloaded: string;

  @Column({ type: 'text', collation: 'C', nullable: true })
  description: string | null;

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
