import type { Role } from '../../settings/role.js';
import { constant, oneOf, ownIdentifier, text, textLike } from '../../rest/declaration.js';
import { resource } from '../../rest/resource.js';
import { rule } from '../../rest/resource-body.js';
import { oneOfField } from '../../rest/resource-field.js';
import { Table } from '../../rest/table.js';

/** Users whom this service made itself; others come from an issuer, whose URL is their provider. */
const LOCAL_PROVIDER = 'local';

/** The longest e-mail address (RFC 5321, 4.5.3.1.3). */
const MAX_EMAIL_LENGTH = 254;

/** Whether a text may be an e-mail address; only a message to it could tell whether it is one. */
export function isEmail(text: string): boolean {
  return text.length <= MAX_EMAIL_LENGTH && /^[^\s@]+@[^\s@]+$/.test(text);
}

/** A user: who has a role in an account by a role binding (docs/api.md, section 7). */
export const USER = resource({
  term: 'user',
  noun: 'user',
  article: 'a',
  table: 'users',
  alias: 'u',
  keys: ['account_id'],
  idParameter: 'user_id',
  collection: { type: 'application/astra-users', version: '1.2', batchRows: 500 },
  words: {
    create: 'The user to create. A role binding gives them a role, a token lets them in.',
    update: 'What of the user to replace. What is left out is kept.',
    resource: 'A user: who has a role in an account by a role binding.',
  },
  fields: {
    type: constant('application/astra-user', { set: 'always', description: 'Media type of the resource.' }),
    version: constant('1.2', { set: 'always', description: 'Version of the resource.' }),
    id: ownIdentifier('user_id', '8f84cf09-8036-51e4-b579-bd30cb07b269'),
    state: oneOf(['active'], { set: 'shown', column: 'state', description: 'State of the user.' }),
    isEnabled: oneOf(['true', 'false'], {
      set: 'optional',
      column: 'is_enabled',
      default: 'true',
      description: 'Whether the user can use the API, in any account. A string, not a boolean.',
      example: 'true',
    }),
    firstName: text(0, 63, {
      set: 'optional',
      column: 'first_name',
      default: '',
      description: 'First name of the user.',
      example: 'Ada',
    }),
    lastName: text(0, 63, {
      set: 'optional',
      column: 'last_name',
      default: '',
      description: 'Last name of the user.',
      example: 'Lovelace',
    }),
    email: textLike(
      {
        schema: {
          type: 'string',
          format: 'email',
          maxLength: MAX_EMAIL_LENGTH,
          description: 'E-mail address of the user.',
          example: 'ada@payroll.example',
        },
        rules: [
          rule(
            'email',
            `must be an e-mail address of at most ${MAX_EMAIL_LENGTH} characters`,
            (value) => typeof value === 'string' && isEmail(value),
          ),
        ],
      },
      { set: 'required', column: 'email', nullable: true },
    ),
    authProvider: text(1, Infinity, {
      set: 'shown',
      column: 'auth_provider',
      create: oneOfField([LOCAL_PROVIDER], {
        description: 'Users of an OpenID Connect issuer are made when they are first seen.',
      }),
      default: LOCAL_PROVIDER,
      description: '`local`, or the URL of the OpenID Connect issuer that knows the user.',
      example: 'local',
    }),
    authID: text(1, Infinity, {
      set: 'shown',
      column: 'auth_id',
      nullable: true,
      description: 'What the issuer calls the user.',
      example: 'ada',
    }),
  },
});

/** A user as one account sees them. */
export interface UserRow {
  /** Whether the account made the user. */
  readonly isOwn: boolean;
  /** The user's role in the account; null where there is none. */
  readonly role: Role | null;
}

/** The stored users: for an account, those that it made and those that have a role in it. */
export const USERS = new Table<typeof USER.fields, UserRow>(USER, {
  also: { isOwn: 'u.account_id IS NOT DISTINCT FROM $1', role: 'b.role' },
  visible: `
    FROM users AS u
    LEFT JOIN role_bindings AS b ON b.account_id = $1 AND b.user_id = u.id
    WHERE u.id = $2 AND (u.account_id = $1 OR b.account_id IS NOT NULL)`,
  byIdentifier: true,
});
