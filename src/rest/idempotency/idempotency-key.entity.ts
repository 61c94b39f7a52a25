import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/**
 * The answer to a POST with an `Idempotency-Key`. Its status is always 201: what fails is not kept. Of the body there is
 * what is stored of the resource: nothing secret, nothing computed.
 */
@Entity('idempotency_keys')
@Index('idempotency_keys_created_index', ['createdAt'])
@ForeignKey('Account', ['accountId'], ['id'], { name: 'idempotency_keys_account_fk', onDelete: 'CASCADE' })
export class StoredIdempotencyKey {
  /** The account that the request was allowed by. */
  @PrimaryColumn({ type: 'uuid', name: 'account_id', primaryKeyConstraintName: 'idempotency_keys_pk' })
  accountId: string;

  /** The caller. */
  @PrimaryColumn({ type: 'uuid', name: 'user_id', primaryKeyConstraintName: 'idempotency_keys_pk' })
  userId: string;

  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'idempotency_keys_pk' })
  key: string;

  /** SHA-256 of the request's path and body. */
  @Column({ type: 'bytea', name: 'request_sha256' })
  requestSha256: Buffer;

  /** Path of the new resource, of which `Location` is made. */
  @Column({ type: 'text', collation: 'C' })
  path: string;

  @Column({ type: 'text', collation: 'C' })
  json: string;

  @Column({ type: 'text', name: 'entity_tag', collation: 'C' })
  entityTag: string;

  @Column({ type: 'timestamptz', name: 'modified_at' })
  modifiedAt: string;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt: string;
}
