import { All, Controller, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { notFound } from '../problems/not-found.js';
import { RouteTable } from './route-table.js';
import { MethodNotSupported } from '../problems/catalogue.js';
import { Settings } from '../settings/settings.js';
import { Public } from '../access/access.guard.js';
import { AuthenticationService } from '../access/authentication.service.js';

/**
 * Answers whatever no other route does: 405 where the path has other methods, else the method's 404. Below
 * `/accounts` the token and the account come first, as on every route (docs/api.md, section 6): without a token nobody
 * learns which paths exist.
 */
@ApiExcludeController()
@Public()
@Controller()
export class UnmatchedController {
  constructor(
    private readonly authentication: AuthenticationService,
    private readonly routes: RouteTable,
    private readonly settings: Settings,
  ) {}

  @All('*')
  async answer(@Req() request: FastifyRequest): Promise<never> {
    const [path = ''] = request.url.split('?', 1);
    const [, collection, accountId] = path.slice(this.settings.basePath.length).split('/');
    if (collection === 'accounts') await this.authentication.authenticate(request, accountId);
    const methods = this.routes.methodsOf(path);
    throw methods.length > 0 ? new MethodNotSupported(methods) : notFound(request.method);
  }
}
