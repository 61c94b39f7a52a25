import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A copy of each large inventory as columns, compressed, which loads faster than its rows. A new table: the previous
 * release neither reads nor writes it, and the revision tells that a copy is older than the rows which that release wrote.
 */
export class InventoryCopies1763820000000 implements MigrationInterface {
  readonly name = 'InventoryCopies1763820000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE inventory_copies (
        account_id uuid NOT NULL,
        app_id uuid NOT NULL,
        part integer NOT NULL,
        revision bigint NOT NULL,
        format integer NOT NULL,
        sha256 bytea NOT NULL,
        bytes bytea NOT NULL,
        CONSTRAINT inventory_copies_pk PRIMARY KEY (account_id, app_id, part),
        CONSTRAINT inventory_copies_app_fk FOREIGN KEY (account_id, app_id)
          REFERENCES apps (account_id, id) ON DELETE CASCADE
      )`);
    // Compressed before they come here: PostgreSQL would only try in vain.
    await queryRunner.query(`ALTER TABLE inventory_copies ALTER COLUMN bytes SET STORAGE EXTERNAL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE inventory_copies');
  }
}
