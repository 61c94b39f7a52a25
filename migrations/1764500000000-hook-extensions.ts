import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which containers a hook leaves out, and how it is run. Both are null where nobody has said; the previous release leaves them so. */
export class HookExtensions1764500000000 implements MigrationInterface {
  readonly name = 'HookExtensions1764500000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE execution_hooks ADD COLUMN excluding_criteria jsonb, ADD COLUMN execution jsonb`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE execution_hooks DROP COLUMN excluding_criteria, DROP COLUMN execution`);
  }
}
