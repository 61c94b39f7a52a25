import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { catchError, type Observable } from 'rxjs';
import { notFound } from '../problems/not-found.js';
import { violatedConstraint } from '../database/postgres-problem.js';

/** How every foreign key that refers to an account by itself ends. */
const ACCOUNT_KEY = '_account_fk';

/**
 * Answers a write that comes too late: its account was there when the guard looked, and was deleted before the row was
 * written. That is the 404 of an account that is not there.
 */
@Injectable()
export class GoneAccountInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    return next.handle().pipe(
      catchError((error: unknown) => {
        if (violatedConstraint(error)?.endsWith(ACCOUNT_KEY) !== true) throw error;
        throw notFound(context.switchToHttp().getRequest<FastifyRequest>().method);
      }),
    );
  }
}
