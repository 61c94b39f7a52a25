import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The whole schema of the first release. Every table below an account leads its keys and foreign keys with
 * `account_id`, so that no row of one account can point into another's. Texts compare by code point (`COLLATE "C"`),
 * whatever the database's own locale is: ordering and paging must not differ between two servers.
 */
export class InitialSchema1763700000000 implements MigrationInterface {
  readonly name = 'InitialSchema1763700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE accounts (
        id uuid NOT NULL,
        name text COLLATE "C" NOT NULL,
        state text COLLATE "C" NOT NULL DEFAULT 'active',
        is_enabled text COLLATE "C" NOT NULL DEFAULT 'true',
        labels jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        created_by uuid NOT NULL,
        modified_by uuid,
        CONSTRAINT accounts_pk PRIMARY KEY (id),
        CONSTRAINT accounts_is_enabled_check CHECK (is_enabled IN ('true', 'false'))
      )`);
    await queryRunner.query(`
      CREATE TABLE users (
        id uuid NOT NULL,
        state text COLLATE "C" NOT NULL DEFAULT 'active',
        is_enabled text COLLATE "C" NOT NULL DEFAULT 'true',
        first_name text COLLATE "C" NOT NULL DEFAULT '',
        last_name text COLLATE "C" NOT NULL DEFAULT '',
        email text COLLATE "C",
        auth_provider text COLLATE "C" NOT NULL DEFAULT 'local',
        auth_id text COLLATE "C",
        account_id uuid,
        labels jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        created_by uuid NOT NULL,
        modified_by uuid,
        CONSTRAINT users_pk PRIMARY KEY (id),
        CONSTRAINT users_auth_unique UNIQUE (auth_provider, auth_id),
        CONSTRAINT users_account_fk FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE SET NULL,
        CONSTRAINT users_is_enabled_check CHECK (is_enabled IN ('true', 'false'))
      )`);
    await queryRunner.query(`CREATE INDEX users_account_index ON users (account_id, created_at, id)`);
    await queryRunner.query(`
      CREATE TABLE role_bindings (
        account_id uuid NOT NULL,
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        role text COLLATE "C" NOT NULL,
        role_constraints jsonb NOT NULL DEFAULT '["*"]',
        labels jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        created_by uuid NOT NULL,
        modified_by uuid,
        CONSTRAINT role_bindings_pk PRIMARY KEY (account_id, id),
        CONSTRAINT role_bindings_user_unique UNIQUE (account_id, user_id),
        CONSTRAINT role_bindings_account_fk FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
        CONSTRAINT role_bindings_user_fk FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT role_bindings_role_check CHECK (role IN ('viewer', 'member', 'admin', 'owner'))
      )`);
    await queryRunner.query(`CREATE INDEX role_bindings_user_index ON role_bindings (user_id)`);
    await queryRunner.query(`CREATE INDEX role_bindings_created_index ON role_bindings (account_id, created_at, id)`);
    await queryRunner.query(`
      CREATE TABLE tokens (
        account_id uuid NOT NULL,
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        name text COLLATE "C" NOT NULL,
        token_sha256 bytea NOT NULL,
        role_limit text COLLATE "C",
        expires_at timestamptz,
        last_used_at timestamptz,
        labels jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        created_by uuid NOT NULL,
        modified_by uuid,
        CONSTRAINT tokens_pk PRIMARY KEY (account_id, id),
        CONSTRAINT tokens_sha256_unique UNIQUE (token_sha256),
        CONSTRAINT tokens_account_fk FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
        CONSTRAINT tokens_user_fk FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT tokens_role_limit_check CHECK (role_limit IN ('viewer', 'member', 'admin', 'owner'))
      )`);
    await queryRunner.query(`CREATE INDEX tokens_user_index ON tokens (user_id, account_id, created_at, id)`);
    await queryRunner.query(`
      CREATE TABLE hook_sources (
        account_id uuid NOT NULL,
        id uuid NOT NULL,
        version text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        source_type text COLLATE "C" NOT NULL,
        source text COLLATE "C" NOT NULL,
        source_md5 text COLLATE "C" NOT NULL,
        private text COLLATE "C" NOT NULL DEFAULT 'false',
        preloaded text COLLATE "C" NOT NULL DEFAULT 'false',
        description text COLLATE "C",
        labels jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        created_by uuid NOT NULL,
        modified_by uuid,
        CONSTRAINT hook_sources_pk PRIMARY KEY (account_id, id),
        CONSTRAINT hook_sources_name_unique UNIQUE (account_id, name),
        CONSTRAINT hook_sources_account_fk FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
        CONSTRAINT hook_sources_private_check CHECK (private IN ('true', 'false')),
        CONSTRAINT hook_sources_preloaded_check CHECK (preloaded IN ('true', 'false'))
      )`);
    await queryRunner.query(`CREATE INDEX hook_sources_created_index ON hook_sources (account_id, created_at, id)`);
    await queryRunner.query(`
      CREATE TABLE apps (
        account_id uuid NOT NULL,
        id uuid NOT NULL,
        version text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        cluster_id uuid,
        cluster_name text COLLATE "C",
        cluster_type text COLLATE "C",
        namespace_scoped_resources jsonb NOT NULL DEFAULT '[]',
        inventory_revision bigint NOT NULL DEFAULT '0',
        inventory_digest bytea,
        inventory_collected_at timestamptz,
        labels jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        created_by uuid NOT NULL,
        modified_by uuid,
        CONSTRAINT apps_pk PRIMARY KEY (account_id, id),
        CONSTRAINT apps_name_unique UNIQUE (account_id, name),
        CONSTRAINT apps_account_fk FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
      )`);
    await queryRunner.query(`CREATE INDEX apps_created_index ON apps (account_id, created_at, id)`);
    await queryRunner.query(`
      CREATE TABLE inventory_pods (
        account_id uuid NOT NULL,
        app_id uuid NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        pod text COLLATE "C" NOT NULL,
        labels jsonb NOT NULL,
        containers jsonb NOT NULL,
        CONSTRAINT inventory_pods_pk PRIMARY KEY (account_id, app_id, namespace, pod),
        CONSTRAINT inventory_pods_app_fk FOREIGN KEY (account_id, app_id)
          REFERENCES apps (account_id, id) ON DELETE CASCADE
      )`);
    await queryRunner.query(`
      CREATE TABLE execution_hooks (
        account_id uuid NOT NULL,
        id uuid NOT NULL,
        version text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        name_scope uuid NOT NULL,
        hook_type text COLLATE "C" NOT NULL,
        matching_criteria jsonb NOT NULL DEFAULT '[]',
        action text COLLATE "C" NOT NULL,
        stage text COLLATE "C" NOT NULL,
        hook_source_id uuid NOT NULL,
        arguments jsonb NOT NULL DEFAULT '[]',
        app_id uuid,
        enabled text COLLATE "C" NOT NULL DEFAULT 'true',
        description text COLLATE "C",
        labels jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        created_by uuid NOT NULL,
        modified_by uuid,
        CONSTRAINT execution_hooks_pk PRIMARY KEY (account_id, id),
        CONSTRAINT execution_hooks_name_unique UNIQUE (account_id, name, name_scope),
        CONSTRAINT execution_hooks_account_fk FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
        CONSTRAINT execution_hooks_app_fk FOREIGN KEY (account_id, app_id)
          REFERENCES apps (account_id, id) ON DELETE CASCADE,
        CONSTRAINT execution_hooks_hook_source_fk FOREIGN KEY (account_id, hook_source_id)
          REFERENCES hook_sources (account_id, id),
        CONSTRAINT execution_hooks_hook_type_check CHECK (hook_type IN ('netapp', 'custom')),
        CONSTRAINT execution_hooks_app_check CHECK ((hook_type = 'netapp') = (app_id IS NULL)),
        CONSTRAINT execution_hooks_action_check CHECK (action IN ('snapshot', 'backup', 'restore', 'failover')),
        CONSTRAINT execution_hooks_stage_check CHECK (stage IN ('pre', 'post')),
        CONSTRAINT execution_hooks_enabled_check CHECK (enabled IN ('true', 'false'))
      )`);
    await queryRunner.query(
      `CREATE INDEX execution_hooks_created_index ON execution_hooks (account_id, created_at, id)`,
    );
    await queryRunner.query(
      `CREATE INDEX execution_hooks_app_index ON execution_hooks (account_id, app_id, created_at, id)`,
    );
    await queryRunner.query(
      `CREATE INDEX execution_hooks_hook_source_index ON execution_hooks (account_id, hook_source_id, created_at, id)`,
    );
    await queryRunner.query(
      `CREATE INDEX execution_hooks_action_index ON execution_hooks (account_id, action, stage, created_at, id)`,
    );
    await queryRunner.query(`CREATE INDEX execution_hooks_name_index ON execution_hooks (account_id, name, id)`);
    await queryRunner.query(
      `CREATE INDEX execution_hooks_modified_index ON execution_hooks (account_id, modified_at, id)`,
    );
    // For filters on members of arrays, which compare by containment (@>).
    await queryRunner.query(
      `CREATE INDEX execution_hooks_members_index ON execution_hooks USING gin (labels, matching_criteria, arguments)`,
    );
    await queryRunner.query(`
      CREATE TABLE execution_hook_overrides (
        account_id uuid NOT NULL,
        id uuid NOT NULL,
        app_id uuid NOT NULL,
        execution_hook_id uuid NOT NULL,
        enabled text COLLATE "C" NOT NULL,
        labels jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        created_by uuid NOT NULL,
        modified_by uuid,
        CONSTRAINT execution_hook_overrides_pk PRIMARY KEY (account_id, id),
        CONSTRAINT execution_hook_overrides_hook_unique UNIQUE (account_id, app_id, execution_hook_id),
        CONSTRAINT execution_hook_overrides_app_fk FOREIGN KEY (account_id, app_id)
          REFERENCES apps (account_id, id) ON DELETE CASCADE,
        CONSTRAINT execution_hook_overrides_hook_fk FOREIGN KEY (account_id, execution_hook_id)
          REFERENCES execution_hooks (account_id, id) ON DELETE CASCADE,
        CONSTRAINT execution_hook_overrides_enabled_check CHECK (enabled IN ('true', 'false'))
      )`);
    await queryRunner.query(
      `CREATE INDEX execution_hook_overrides_created_index
        ON execution_hook_overrides (account_id, app_id, created_at, id)`,
    );
    await queryRunner.query(
      `CREATE INDEX execution_hook_overrides_hook_index ON execution_hook_overrides (account_id, execution_hook_id)`,
    );
    await queryRunner.query(`
      CREATE TABLE hook_name_scope (
        singleton boolean NOT NULL DEFAULT true,
        scope text COLLATE "C" NOT NULL DEFAULT 'account',
        CONSTRAINT hook_name_scope_pk PRIMARY KEY (singleton),
        CONSTRAINT hook_name_scope_singleton_check CHECK (singleton),
        CONSTRAINT hook_name_scope_scope_check CHECK (scope IN ('account', 'app'))
      )`);
    await queryRunner.query(`INSERT INTO hook_name_scope DEFAULT VALUES`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of [
      'hook_name_scope',
      'execution_hook_overrides',
      'execution_hooks',
      'inventory_pods',
      'apps',
      'hook_sources',
      'tokens',
      'role_bindings',
      'users',
      'accounts',
    ]) {
      await queryRunner.query(`DROP TABLE ${table}`);
    }
  }
}
