import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** An app that execution hooks belong to (docs/api.md, section 8). */
@Entity('apps')
@Unique('apps_name_unique', ['accountId', 'name'])
@Index('apps_created_index', ['accountId', 'createdAt', 'id'])
@ForeignKey('Account', ['accountId'], ['id'], { name: 'apps_account_fk', onDelete: 'CASCADE' })
export class App {
  @PrimaryColumn({ type: 'uuid', name: 'account_id', primaryKeyConstraintName: 'apps_pk' })
  accountId: string;

  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'apps_pk' })
  id: string;

  @Column({ type: 'text', collation: 'C' })
  version: string;

  @Column({ type: 'text', collation: 'C' })
  name: string;

  @Column({ type: 'uuid', name: 'cluster_id', nullable: true })
  clusterId: string | null;

  @Column({ type: 'text', name: 'cluster_name', collation: 'C', nullable: true })
  clusterName: string | null;

  @Column({ type: 'text', name: 'cluster_type', collation: 'C', nullable: true })
  clusterType: string | null;

  @Column({ type: 'jsonb', name: 'namespace_scoped_resources', default: [] })
  namespaceScopedResources: { namespace: string; labelSelectors?: string[] }[];

  /** Goes up by one with each snapshot that differs from the one before; a decimal, as it may exceed a safe integer. */
  @Column({ type: 'bigint', name: 'inventory_revision', default: 0 })
  inventoryRevision: string;

  /** Of the snapshot: tells whether the next one differs. */
  @Column({ type: 'bytea', name: 'inventory_digest', nullable: true })
  inventoryDigest: Buffer | null;

  @Column({ type: 'timestamptz', name: 'inventory_collected_at', nullable: true })
  inventoryCollectedAt: string | null;

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
