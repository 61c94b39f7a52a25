import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Settings } from '../settings/settings.js';

/**
 * Builds URLs that resolve for the caller, for `Location` (contract, section 3): on the public base URL of the
 * settings, or on the protocol and host of the request. Fastify takes those from `X-Forwarded-Proto` and
 * `X-Forwarded-Host` where, and only where, the request comes from a trusted proxy.
 */
@Injectable()
export class PublicUrl {
  constructor(private readonly settings: Settings) {}

  /** The full URL of a path of the API, e.g. `/accounts/…/executionHooks/…`. */
  of(request: Pick<FastifyRequest, 'protocol' | 'host'>, path: string): string {
    const base = this.settings.publicUrl ?? `${request.protocol}://${request.host}${this.settings.basePath}`;
    return base.replace(/\/$/, '') + path;
  }
}
