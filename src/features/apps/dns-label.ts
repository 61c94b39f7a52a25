import { rule } from '../../rest/resource-body.js';
import type { ResourceField } from '../../rest/resource-field.js';

const DNS_1123_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A DNS-1123 label, as Kubernetes names namespaces: 1–63 lower-case letters, digits and inner hyphens. */
export function dnsLabelField(text: { readonly description: string; readonly example: string }): ResourceField {
  return {
    schema: { type: 'string', minLength: 1, maxLength: 63, pattern: DNS_1123_LABEL.source, ...text },
    rules: [
      rule(
        'dnsLabel',
        'must be a DNS-1123 label: 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends',
        (value) => typeof value === 'string' && DNS_1123_LABEL.test(value),
      ),
    ],
  };
}
