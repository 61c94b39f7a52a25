import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/** Matches everything; not a route of the API. */
const WILDCARD = '*';

/** The routes that the service has, to tell an unknown path (404) from a known one with another method (405). */
@Injectable()
export class RouteTable {
  private readonly methods = new Map<string, Set<string>>();

  /** Listens to the routes that are registered from now on. */
  watch(server: FastifyInstance): void {
    server.addHook('onRoute', ({ method, url }) => {
      if (url.includes(WILDCARD)) return;
      const methods = this.methods.get(url) ?? new Set<string>();
      for (const name of [method].flat()) methods.add(name);
      this.methods.set(url, methods);
    });
  }

  /** The methods that a path has, sorted; none when the path is unknown. */
  methodsOf(path: string): string[] {
    const segments = path.split('/');
    const methods = new Set<string>();
    for (const [url, known] of this.methods) {
      if (matches(url.split('/'), segments)) for (const method of known) methods.add(method);
    }
    return [...methods].sort();
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => (part.startsWith(':') ? segments[index] !== '' : part === segments[index]))
  );
}
