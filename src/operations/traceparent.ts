/** `version-traceid-parentid-flags`; of versions that do not exist yet, what follows (W3C Trace Context, section 3.2). */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(-.*)?$/;

/** The id of the trace that a request is part of, by its `traceparent` header; undefined where there is none that is valid. */
export function traceIdOf(traceparent: string | string[] | undefined): string | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const [, version, traceId, rest] = TRACEPARENT.exec(traceparent) ?? [];
  return version === '00' && rest !== undefined ? undefined : traceId;
}
