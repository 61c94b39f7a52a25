import { documented, EXAMPLE_METADATA } from '../../rest/openapi/documented-resource.js';
import { ReturnedWhenSet, textField } from '../../rest/resource-field.js';
import { ApiSchema } from '@nestjs/swagger';
import { ACCOUNT } from './account.resource.js';

/** An account as the answer to its POST shows it. */
@ApiSchema({ description: 'An account that was just created.' })
export class CreatedAccount extends ACCOUNT.Shown {
  /** Where the request had a token of the service: that opens the account it was made for, and no other. */
  @ReturnedWhenSet(
    textField(1, Infinity, {
      description:
        "A token of the creator for the new account, shown this once. Absent where the request's own token, a JWT, opens the account too, and from the answer to a repeated request.",
      example: 'ehooks_uLrX0sQ0mJ4m1o8rBv2Yy2m8sYw3VqfD0aWlXn5k0fA',
    }),
  )
  token?: string;
}

const HEAD = { type: 'application/astra-account', version: '1.0' };

const STORED = {
  ...HEAD,
  id: '11111111-2222-4333-8444-555555555555',
  name: 'Payroll',
  state: 'active',
  isEnabled: 'true',
  metadata: EXAMPLE_METADATA,
};

/** What the OpenAPI document says of accounts. */
export const ACCOUNT_DOCS = documented(ACCOUNT, {
  query: { include: 'id,name', filter: "isEnabled eq 'true'", orderBy: 'name' },
  create: {
    examples: { account: { summary: 'An account', value: { ...HEAD, name: 'Payroll' } } },
    answer: CreatedAccount,
    answers: {
      created: {
        summary: 'The new account, with a token for it',
        value: { ...STORED, token: 'ehooks_uLrX0sQ0mJ4m1o8rBv2Yy2m8sYw3VqfD0aWlXn5k0fA' },
      },
    },
    note: 'The caller becomes its owner.',
  },
  listed: { summary: 'Accounts', items: [STORED] },
  get: { answers: { stored: { summary: 'An account', value: STORED } } },
  replace: {
    examples: { name: { summary: 'Another name', value: { ...HEAD, name: 'Payroll and pensions' } } },
    note: 'While an account is disabled, only its owners can use it.',
  },
  delete: { note: 'Everything that it owns is deleted with it, the token of the request included.' },
});
