import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Settings } from '../settings/settings.js';

/** A protocol and host that a URL can begin with: a name, an IPv4 or a bracketed IPv6 address, with or without a port. */
const ORIGIN = /^https?:\/\/(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Builds URLs that resolve for the caller, for `Location` (docs/api.md, section 3): on the public base URL of the
 * settings, or on the protocol and host of the request. Fastify takes those from `X-Forwarded-Proto` and
 * `X-Forwarded-Host` where, and only where, the request comes from a trusted proxy.
 */
@Injectable()
export class PublicUrl {
  constructor(private readonly settings: Settings) {}

  /**
   * The full URL of a path of the API, e.g. `/accounts/…/executionHooks/…`; of a request that names no host to build
   * it on (HTTP/1.0 need not, and a header can hold anything), the path alone, which its sender resolves.
   */
  of(request: Pick<FastifyRequest, 'protocol' | 'host'>, path: string): string {
    const { publicUrl, basePath } = this.settings;
    if (publicUrl !== undefined) return publicUrl + path;
    const origin = `${request.protocol}://${request.host}`;
    return `${ORIGIN.test(origin) ? origin : ''}${basePath}${path}`;
  }
}
