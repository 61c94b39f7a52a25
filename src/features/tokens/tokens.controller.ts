import { Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { OrOwn, Requires } from '../../access/access.guard.js';
import { type Caller, RequestCaller } from '../../access/caller.js';
import type { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import {
  type Incoming,
  type IncomingList,
  type IncomingWithoutBody,
  ReadsBody,
  ReadsHeaders,
  ReadsList,
} from '../../rest/incoming.js';
import { Creates, Deletes, Gets, Lists } from '../../rest/openapi/operations.js';
import { CreateToken } from './dto/create-token.js';
import { TokensService } from './tokens.service.js';
import { TOKEN_DOCS } from './token.docs.js';

/** Tokens of one user (contract, sections 1 and 7). */
@ApiTags('Tokens')
@Controller('accounts/:account_id/core/v1/users/:user_id/tokens')
export class TokensController {
  constructor(private readonly tokens: TokensService) {}

  @Post()
  @Requires('admin')
  @OrOwn('user_id')
  @Creates(TOKEN_DOCS)
  create(
    @Param('account_id') accountId: string,
    @Param('user_id') userId: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateToken) incoming: Incoming<CreateToken>,
  ): Promise<CreatedAnswer> {
    return this.tokens.create({ accountId, userId }, caller, incoming);
  }

  @Get()
  @Requires('admin')
  @OrOwn('user_id')
  @Lists(TOKEN_DOCS)
  list(
    @Param('account_id') accountId: string,
    @Param('user_id') userId: string,
    @RequestCaller() caller: Caller,
    @ReadsList() incoming: IncomingList,
  ): Promise<JsonAnswer> {
    return this.tokens.list({ accountId, userId }, caller, incoming);
  }

  @Get(':token_id')
  @Requires('admin')
  @OrOwn('user_id')
  @Gets(TOKEN_DOCS)
  get(
    @Param('account_id') accountId: string,
    @Param('user_id') userId: string,
    @Param('token_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<ResourceAnswer> {
    return this.tokens.get({ accountId, userId }, id, caller, incoming);
  }

  @Delete(':token_id')
  @Requires('admin')
  @OrOwn('user_id')
  @Deletes(TOKEN_DOCS)
  delete(
    @Param('account_id') accountId: string,
    @Param('user_id') userId: string,
    @Param('token_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<void> {
    return this.tokens.delete({ accountId, userId }, id, caller, incoming);
  }
}
