import { rule } from '../../http/resource-body.js';

/** The fixed values of an app (contract, section 8). */
export const APP_TYPE = 'application/astra-app';
export const APPS_TYPE = 'application/astra-apps';
export const APP_VERSIONS = ['2.0', '2.1', '2.2'] as const;
export const INVENTORY_TYPE = 'application/astra-appInventory';
export const CONTAINERS_TYPE = 'application/astra-appContainers';

export type AppVersion = (typeof APP_VERSIONS)[number];

const DNS_1123_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A DNS-1123 label, as Kubernetes names namespaces: 1–63 lower-case letters, digits and inner hyphens. */
export function DnsLabel(): PropertyDecorator {
  return rule(
    'dnsLabel',
    'must be a DNS-1123 label: 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends',
    (value) => typeof value === 'string' && DNS_1123_LABEL.test(value),
  );
}
