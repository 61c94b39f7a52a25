import { Controller, Delete, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { OrOwn, Requires } from '../../access/access.guard.js';
import type { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { Incoming, type IncomingRequest } from '../../rest/incoming.js';
import { Creates, Deletes, Gets, Lists } from '../../rest/openapi/operations.js';
import { Protocol } from '../../rest/protocol.js';
import { TOKEN_DOCS } from './token.docs.js';
import { TokenRules } from './tokens.rules.js';

/** Tokens of one user (docs/api.md, sections 1 and 7). */
@ApiTags('Tokens')
@Controller('accounts/:account_id/core/v1/users/:user_id/tokens')
export class TokensController {
  constructor(
    private readonly protocol: Protocol,
    private readonly rules: TokenRules,
  ) {}

  @Post()
  @Requires('admin')
  @OrOwn('user_id')
  @Creates(TOKEN_DOCS)
  create(@Incoming() request: IncomingRequest): Promise<CreatedAnswer> {
    return this.protocol.create(this.rules, request);
  }

  @Get()
  @Requires('admin')
  @OrOwn('user_id')
  @Lists(TOKEN_DOCS)
  list(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.protocol.list(this.rules, request);
  }

  @Get(':token_id')
  @Requires('admin')
  @OrOwn('user_id')
  @Gets(TOKEN_DOCS)
  get(@Incoming() request: IncomingRequest): Promise<ResourceAnswer> {
    return this.protocol.get(this.rules, request);
  }

  @Delete(':token_id')
  @Requires('admin')
  @OrOwn('user_id')
  @Deletes(TOKEN_DOCS)
  delete(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.delete(this.rules, request);
  }
}
