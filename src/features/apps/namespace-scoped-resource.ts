import { ClosedSchema, OptionalField, RequiredField, textsField } from '../../rest/resource-field.js';
import { dnsLabelField } from './dns-label.js';

/** A namespace that belongs to an app, as a whole or as far as the label selectors reach (docs/api.md, section 8). */
@ClosedSchema('A namespace that belongs to an app, as a whole or as far as the label selectors reach.')
export class NamespaceScopedResource {
  @RequiredField(dnsLabelField({ description: 'Name of the namespace.', example: 'payroll-east' }))
  namespace: string;

  @OptionalField(
    textsField(Infinity, 1, Infinity, {
      description:
        'Kubernetes label selectors, all of which the labels of a pod must match for it to belong to the app. Without any, every pod of the namespace does.',
      example: ['app.kubernetes.io/instance=payroll'],
    }),
  )
  labelSelectors?: string[];
}
