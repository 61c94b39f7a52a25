/**
 * What the service is held against: the same GET as a typical Nest service has it, Express platform,
 * `repository.find`, ValidationPipe and ClassSerializerInterceptor. Tuned as such services are: no request log, regular
 * expressions compiled once, no entity tag that nobody asked for.
 */
import 'reflect-metadata';
import { createHash } from 'node:crypto';
import {
  type CanActivate,
  ClassSerializerInterceptor,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  NotFoundException,
  Param,
  UnauthorizedException,
  UseGuards,
  UseInterceptors,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import RE2 from 're2';
import type { Repository } from 'typeorm';
import { typeParsers } from '../../src/database/type-parsers.js';
import { ContainerAnswer, HookAnswer, HookParams } from './nest-hook.js';
import { ExecutionHookRow, PodRow, RoleBindingRow, TokenRow } from './nest-tables.js';

const ENTITIES = [TokenRow, RoleBindingRow, ExecutionHookRow, PodRow];

interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
}

@Injectable()
class TokenGuard implements CanActivate {
  constructor(
    @InjectRepository(TokenRow) private readonly tokens: Repository<TokenRow>,
    @InjectRepository(RoleBindingRow) private readonly bindings: Repository<RoleBindingRow>,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { headers, params } = context.switchToHttp().getRequest<Request>();
    const token = headers.authorization?.slice('Bearer '.length) ?? '';
    const tokenSha256 = createHash('sha256').update(token).digest();
    const found = await this.tokens.findOneBy({ tokenSha256 });
    if (found === null || found.accountId !== params.account_id) throw new UnauthorizedException();
    const { accountId, userId } = found;
    return (await this.bindings.findOneBy({ accountId, userId })) !== null;
  }
}

@Injectable()
class HooksService {
  private readonly patterns = new Map<string, RE2>();

  constructor(
    @InjectRepository(ExecutionHookRow) private readonly hooks: Repository<ExecutionHookRow>,
    @InjectRepository(PodRow) private readonly pods: Repository<PodRow>,
  ) {}

  async get(accountId: string, id: string): Promise<HookAnswer> {
    const hook = await this.hooks.findOneBy({ accountId, id });
    if (hook === null) throw new NotFoundException();
    const { appId, matchingCriteria } = hook;
    const pods = await this.pods.find({ where: { accountId, appId }, order: { namespace: 'ASC', pod: 'ASC' } });
    const containers = pods
      .flatMap((pod) => pod.containers.map((container) => new ContainerAnswer(pod, container)))
      .filter((container) => matchingCriteria.every(({ type, value }) => this.meets(container, type, value)));
    return new HookAnswer(hook, containers);
  }

  private meets(container: ContainerAnswer, type: string, value: string): boolean {
    const pattern = this.patternOf(value);
    switch (type) {
      case 'containerImage':
        return pattern.test(container.containerImage);
      case 'containerName':
        return pattern.test(container.containerName);
      case 'podName':
        return pattern.test(container.podName);
      case 'namespaceName':
        return pattern.test(container.namespaceName);
      default:
        return container.podLabels.some((label) => pattern.test(`${label.name}=${label.value}`));
    }
  }

  private patternOf(value: string): RE2 {
    let pattern = this.patterns.get(value);
    if (pattern === undefined) {
      pattern = new RE2(value, 'u');
      this.patterns.set(value, pattern);
    }
    return pattern;
  }
}

@Controller('accounts/:account_id/core/v1/executionHooks')
@UseGuards(TokenGuard)
@UseInterceptors(ClassSerializerInterceptor)
class HooksController {
  constructor(private readonly hooks: HooksService) {}

  @Get(':executionHook_id')
  get(@Param() params: HookParams): Promise<HookAnswer> {
    return this.hooks.get(params.account_id, params.executionHook_id);
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL ?? '',
      entities: ENTITIES,
      poolSize: 10,
      installExtensions: false,
      extra: { types: typeParsers, options: '-c TimeZone=UTC -c DateStyle=ISO' },
    }),
    TypeOrmModule.forFeature(ENTITIES),
  ],
  controllers: [HooksController],
  providers: [HooksService, TokenGuard],
})
class PeerModule {}

const app = await NestFactory.create<NestExpressApplication>(PeerModule, { logger: false });
app.useGlobalPipes(new ValidationPipe({ transform: true }));
app.disable('x-powered-by');
app.disable('etag');
await app.listen(0, '127.0.0.1');
process.stdout.write(`${JSON.stringify({ url: await app.getUrl(), msg: 'Listening.' })}\n`);
process.once('SIGTERM', () => process.exit());
