import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Role } from './role.js';

/** What a token says of its bearer. */
export interface TokenRow {
  readonly token_id: string;
  readonly account_id: string;
  readonly user_id: string;
  readonly user_enabled: boolean;
  /** Null when the user has lost the role in the token's account. */
  readonly role: Role | null;
}

const FIND_TOKEN = {
  name: 'find-token',
  text: `
    SELECT t.id AS token_id, t.account_id, t.user_id, u.is_enabled = 'true' AS user_enabled, b.role
    FROM tokens t
    JOIN users u ON u.id = t.user_id
    LEFT JOIN role_bindings b ON b.account_id = t.account_id AND b.user_id = t.user_id
    WHERE t.token_sha256 = $1 AND (t.expires_at IS NULL OR t.expires_at > now())`,
};

/** Tokens, by the digest that is all the database knows of them. */
@Injectable()
export class TokensRepository {
  constructor(private readonly database: Database) {}

  /** One query on the unique index of the digest; expired tokens are not found. */
  async find(digest: Buffer): Promise<TokenRow | undefined> {
    const [row] = await this.database.query<TokenRow>(FIND_TOKEN, [digest]);
    return row;
  }
}
