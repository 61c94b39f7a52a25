import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** One pod of an app's inventory, with its containers (docs/api.md, section 8). */
@Entity('inventory_pods')
@ForeignKey('App', ['accountId', 'appId'], ['accountId', 'id'], { name: 'inventory_pods_app_fk', onDelete: 'CASCADE' })
export class InventoryPod {
  @PrimaryColumn({ type: 'uuid', name: 'account_id', primaryKeyConstraintName: 'inventory_pods_pk' })
  accountId: string;

  @PrimaryColumn({ type: 'uuid', name: 'app_id', primaryKeyConstraintName: 'inventory_pods_pk' })
  appId: string;

  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'inventory_pods_pk' })
  namespace: string;

  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'inventory_pods_pk' })
  pod: string;

  @Column({ type: 'jsonb' })
  labels: unknown;

  @Column({ type: 'jsonb' })
  containers: unknown;
}
