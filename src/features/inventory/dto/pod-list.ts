import { ApiProperty, ApiSchema } from '@nestjs/swagger';

/**
 * The body of `PUT …/inventory` (docs/api.md, section 8), for the document only: such a body is read piece by piece and
 * checked by hand (`listed-pod.ts`). Of the many fields that Kubernetes has, those that the inventory uses are here;
 * all others are allowed and not looked at.
 */

/** What of a container the inventory keeps. */
@ApiSchema({ description: 'A container of a pod. Further fields are not looked at.' })
export class PodContainer {
  @ApiProperty({ type: 'string', minLength: 1, maxLength: 63, example: 'payroll-master-0' })
  name: string;

  @ApiProperty({ type: 'string', minLength: 1, maxLength: 4096, example: 'docker.io/bitnami/payroll:3.7.8' })
  image: string;
}

/** What names a pod, and whether it is being deleted. */
@ApiSchema({ description: 'Metadata of a pod. Further fields are not looked at.' })
export class PodMetadata {
  @ApiProperty({ type: 'string', minLength: 1, maxLength: 63, example: 'payroll-east' })
  namespace: string;

  @ApiProperty({ type: 'string', minLength: 1, maxLength: 253, example: 'payroll-release3-7' })
  name: string;

  @ApiProperty({
    selfRequired: false,
    nullable: true,
    type: 'object',
    additionalProperties: { type: 'string', maxLength: 63 },
    example: { env: 'production' },
  })
  labels?: Record<string, string>;

  @ApiProperty({
    required: false,
    nullable: true,
    type: 'string',
    description: 'A pod that has one is being deleted and left out.',
  })
  deletionTimestamp?: string;
}

/** The containers of a pod. */
@ApiSchema({ description: 'Containers of a pod. Further fields are not looked at.' })
export class PodSpec {
  @ApiProperty({ type: [PodContainer], description: 'The containers that the inventory keeps.' })
  containers: PodContainer[];

  @ApiProperty({ required: false, nullable: true, type: 'array', items: {}, description: 'Counted, not kept.' })
  initContainers?: unknown[];

  @ApiProperty({ required: false, nullable: true, type: 'array', items: {}, description: 'Counted, not kept.' })
  ephemeralContainers?: unknown[];
}

/** Whether a pod is running. */
@ApiSchema({ description: 'Status of a pod. Further fields are not looked at.' })
export class PodStatus {
  @ApiProperty({
    required: false,
    nullable: true,
    type: 'string',
    maxLength: 63,
    description: 'Pods are left out unless they are `Running`.',
    example: 'Running',
  })
  phase?: string;
}

/** One pod of the list. */
@ApiSchema({ description: 'A Kubernetes pod. Further fields are not looked at.' })
export class Pod {
  @ApiProperty({ required: false, enum: ['v1'] })
  apiVersion?: 'v1';

  @ApiProperty({ required: false, enum: ['Pod'], description: 'Every item of a `List` must have it.' })
  kind?: 'Pod';

  @ApiProperty({ type: PodMetadata })
  metadata: PodMetadata;

  @ApiProperty({ type: PodSpec })
  spec: PodSpec;

  @ApiProperty({ required: false, type: PodStatus })
  status?: PodStatus;
}

/** What `kubectl get pods -o json` prints. */
@ApiSchema({
  description:
    'A Kubernetes `PodList`, or a `List` of pods, as `kubectl get pods -o json` prints it. Further fields are not looked at.',
})
export class PodList {
  @ApiProperty({ required: false, enum: ['v1'] })
  apiVersion?: 'v1';

  @ApiProperty({ enum: ['PodList', 'List'] })
  kind: 'PodList' | 'List';

  @ApiProperty({ type: [Pod] })
  items: Pod[];
}
