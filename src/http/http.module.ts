import { Global, Module } from '@nestjs/common';
import { PublicUrl } from './public-url.js';
import { RouteTable } from './route-table.js';

/** What every feature's answers are made with. */
@Global()
@Module({ providers: [PublicUrl, RouteTable], exports: [PublicUrl, RouteTable] })
export class HttpModule {}
