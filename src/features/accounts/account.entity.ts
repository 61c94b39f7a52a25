import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** An account: it owns every row that carries its id (docs/api.md, section 7). */
@Entity('accounts')
@Check('accounts_is_enabled_check', "is_enabled IN ('true', 'false')")
export class Account {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'accounts_pk' })
  id: string;

  @Column({ type: 'text', collation: 'C' })
  name: string;

  @Column({ type: 'text', collation: 'C', default: 'active' })
  state: string;

  @Column({ type: 'text', name: 'is_enabled', collation: 'C', default: 'true' })
  isEnabled: string;

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
