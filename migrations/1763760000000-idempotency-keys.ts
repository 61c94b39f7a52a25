import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The answers to POST requests with an `Idempotency-Key`, each kept for a day. A new table: the previous release neither
 * reads nor writes it.
 */
export class IdempotencyKeys1763760000000 implements MigrationInterface {
  readonly name = 'IdempotencyKeys1763760000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE idempotency_keys (
        account_id uuid NOT NULL,
        user_id uuid NOT NULL,
        key text COLLATE "C" NOT NULL,
        request_sha256 bytea NOT NULL,
        path text COLLATE "C" NOT NULL,
        json text COLLATE "C" NOT NULL,
        entity_tag text COLLATE "C" NOT NULL,
        modified_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT idempotency_keys_pk PRIMARY KEY (account_id, user_id, key),
        CONSTRAINT idempotency_keys_account_fk FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
      )`);
    await queryRunner.query(`CREATE INDEX idempotency_keys_created_index ON idempotency_keys (created_at)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE idempotency_keys');
  }
}
