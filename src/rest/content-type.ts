import type { IncomingMessage } from 'node:http';

const withheld = new WeakMap<IncomingMessage, string>();

/**
 * Hides a request's `Content-Type` from the framework, which would judge it before the token is known and even where
 * the body is ignored (docs/api.md, sections 3 and 6). {@link contentTypeOf} still tells it.
 */
export function withholdContentType(request: IncomingMessage): void {
  const contentType = request.headers['content-type'];
  if (contentType === undefined) return;
  withheld.set(request, contentType);
  delete request.headers['content-type'];
}

/** The `Content-Type` that a request was sent with. */
export function contentTypeOf(request: IncomingMessage): string | undefined {
  return withheld.get(request) ?? request.headers['content-type'];
}
