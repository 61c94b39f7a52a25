import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** A part of the copy that loads an app's inventory faster than its rows do (ADR 0024). */
@Entity('inventory_copies')
@ForeignKey('App', ['accountId', 'appId'], ['accountId', 'id'], {
  name: 'inventory_copies_app_fk',
  onDelete: 'CASCADE',
})
export class InventoryCopy {
  @PrimaryColumn({ type: 'uuid', name: 'account_id', primaryKeyConstraintName: 'inventory_copies_pk' })
  accountId: string;

  @PrimaryColumn({ type: 'uuid', name: 'app_id', primaryKeyConstraintName: 'inventory_copies_pk' })
  appId: string;

  /** From 0 on; the parts belong behind each other. */
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'inventory_copies_pk' })
  part: number;

  /** The app's inventory revision that this is a copy of; of another one it says nothing. */
  @Column({ type: 'bigint' })
  revision: string;

  /** How `bytes` are to be read: who does not know this format reads the rows. */
  @Column({ type: 'integer' })
  format: number;

  /** Of `bytes`. */
  @Column({ type: 'bytea' })
  sha256: Buffer;

  @Column({ type: 'bytea' })
  bytes: Buffer;
}
