import { ApiSchema } from '@nestjs/swagger';
import { Label } from './metadata.js';
import { objectsField, ReturnedField, textField } from './resource-field.js';

function text(description: string, example: string): PropertyDecorator {
  return ReturnedField(textField(1, Infinity, { description, example }));
}

/**
 * A container of an app, in its inventory and among those that a hook matches (`matchingContainers` of the published
 * API).
 */
@ApiSchema({ description: "A container of an app's inventory." })
export class Container {
  @text("Name of the namespace of the container's pod.", 'payroll-east')
  namespaceName: string;

  @text("Name of the container's pod.", 'payroll-release3-7')
  podName: string;

  @ReturnedField(
    objectsField(() => Label, Infinity, {
      description: "Labels of the container's pod.",
      example: [
        { name: 'env', value: 'production' },
        { name: 'app.kubernetes.io/managed-by', value: 'Helm' },
      ],
    }),
  )
  podLabels: Label[];

  @text('Name of the container.', 'payroll-master-0')
  containerName: string;

  @text('Image of the container.', 'docker.io/bitnami/payroll:3.7.8')
  containerImage: string;
}
