import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.js';
import { TokensController } from './tokens.controller.js';
import { TokensRepository } from './tokens.repository.js';
import { TokensService } from './tokens.service.js';

/** The tokens with which users are let in. */
@Module({ imports: [UsersModule], controllers: [TokensController], providers: [TokensService, TokensRepository] })
export class TokensModule {}
