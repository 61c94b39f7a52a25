import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * The one row that says how far hook names are unique, for all replicas (docs/api.md, section 2, `HOOK_NAME_SCOPE`).
 */
@Entity('hook_name_scope')
@Check('hook_name_scope_singleton_check', 'singleton')
@Check('hook_name_scope_scope_check', "scope IN ('account', 'app')")
export class HookNameScope {
  /** Always true: the primary key that allows one row. */
  @PrimaryColumn({ type: 'boolean', default: true, primaryKeyConstraintName: 'hook_name_scope_pk' })
  singleton: boolean;

  @Column({ type: 'text', collation: 'C', default: 'account' })
  scope: string;
}
