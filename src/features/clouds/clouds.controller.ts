import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../access/access.guard.js';
import { JsonAnswer } from '../../rest/answer.js';
import { Incoming, type IncomingRequest } from '../../rest/incoming.js';
import { ListsClouds } from './clouds.docs.js';
import { CLOUDS_TYPE } from './dto/cloud-list.js';

/**
 * The clouds of an account: always an empty list. The existing client asks for it after any error, with the failing
 * call's headers, so it is served whatever `Accept` says (contract, sections 1, 3 and 9).
 */
@ApiTags('Clouds')
@Controller('accounts/:account_id/topology/v1/clouds')
export class CloudsController {
  @Get()
  @Requires('viewer')
  @ListsClouds()
  list(@Incoming() { caller }: IncomingRequest): JsonAnswer {
    const now = new Date().toISOString().replace('Z', '000Z');
    return new JsonAnswer(
      JSON.stringify({
        type: CLOUDS_TYPE,
        version: '1.0',
        items: [],
        metadata: { labels: [], creationTimestamp: now, modificationTimestamp: now, createdBy: caller.userId },
      }),
    );
  }
}
