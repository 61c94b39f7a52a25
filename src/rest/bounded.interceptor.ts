import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { finalize, from, type Observable, switchMap } from 'rxjs';
import { RequestAborted } from './json-body.js';
import { Admission, type BoundedWork } from '../operations/admission.js';

/** A page of fewer items than this is made at once and holds nothing while its client reads. */
const SHORT_PAGE = /(?:^|&)limit=[1-4]?\d{1,2}(?:&|$)/;

/** Has a handler wait for a turn, which lasts until it has answered and the answer is complete or its client gone. */
abstract class Bounded implements NestInterceptor {
  protected constructor(
    private readonly admission: Admission,
    private readonly work: BoundedWork,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest<{ Params: Record<string, string> }>>();
    if (!this.isBounded(request)) return next.handle();
    const { raw: response } = http.getResponse<FastifyReply>();
    const gone = new AbortController();
    let isSent = false;
    let isHandled = false;
    let end: (() => void) | undefined;
    const endWhenDone = (): void => {
      if (isSent && isHandled) end?.();
    };
    response.once('close', () => {
      isSent = true;
      gone.abort(new RequestAborted());
      endWhenDone();
    });
    if (response.destroyed) gone.abort(new RequestAborted());
    const turn = this.admission.take(this.work, request.params.account_id ?? '', gone.signal);
    return from(turn).pipe(
      switchMap((given) => {
        end = given;
        return next.handle();
      }),
      finalize(() => {
        isHandled = true;
        endWhenDone();
      }),
    );
  }

  protected abstract isBounded(request: FastifyRequest): boolean;
}

/** Bounds the lists that are long: all but short pages. */
@Injectable()
export class BoundedLists extends Bounded {
  constructor(admission: Admission) {
    super(admission, 'list');
  }

  protected isBounded({ url }: FastifyRequest): boolean {
    return !SHORT_PAGE.test(url.slice(url.indexOf('?') + 1));
  }
}

/** Bounds the inventories that are taken in. */
@Injectable()
export class BoundedIngests extends Bounded {
  constructor(admission: Admission) {
    super(admission, 'ingest');
  }

  protected isBounded(): boolean {
    return true;
  }
}
