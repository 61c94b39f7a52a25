import { Module } from '@nestjs/common';
import { TokensController } from './tokens.controller.js';
import { TokenRules } from './tokens.rules.js';

/** The tokens that let users in. */
@Module({ controllers: [TokensController], providers: [TokenRules] })
export class TokensModule {}
