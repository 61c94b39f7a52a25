import { ApiSchema } from '@nestjs/swagger';
import { Metadata } from '../../../rest/metadata.js';
import { objectField, oneOfField, ReturnedField, ReturnedWhenSet, textField } from '../../../rest/resource-field.js';
import { ACCOUNT_FIELDS, type ACCOUNT_TYPE, type ACCOUNT_VERSION } from './account-fields.js';

/** An account as every response shows it (contract, section 7). */
@ApiSchema({ description: 'An account: it owns everything below its path.' })
export class Account {
  @ReturnedField(ACCOUNT_FIELDS.type)
  type: typeof ACCOUNT_TYPE;

  @ReturnedField(ACCOUNT_FIELDS.version)
  version: typeof ACCOUNT_VERSION;

  @ReturnedField(ACCOUNT_FIELDS.id)
  id: string;

  @ReturnedField(ACCOUNT_FIELDS.name)
  name: string;

  @ReturnedField(oneOfField(['active'], { description: 'State of the account.' }))
  state: 'active';

  @ReturnedField(ACCOUNT_FIELDS.isEnabled)
  isEnabled: 'true' | 'false';

  @ReturnedField(objectField(() => Metadata, { description: 'Metadata of the resource.' }))
  metadata: Metadata;
}

/** An account as the answer to its POST shows it. */
@ApiSchema({ description: 'An account that was just created.' })
export class CreatedAccount extends Account {
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
