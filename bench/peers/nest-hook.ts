import { Exclude, Expose, Type } from 'class-transformer';
import { IsUUID } from 'class-validator';
import type { ExecutionHookRow, Label, PodRow } from './nest-tables.js';

/** The path of a request, for the ValidationPipe. */
export class HookParams {
  @IsUUID()
  account_id: string;

  @IsUUID()
  executionHook_id: string;
}

/** One container that a hook matches, for the ClassSerializerInterceptor. */
@Exclude()
export class ContainerAnswer {
  @Expose()
  readonly namespaceName: string;

  @Expose()
  readonly podName: string;

  @Expose()
  readonly podLabels: Label[];

  @Expose()
  readonly containerName: string;

  @Expose()
  readonly containerImage: string;

  constructor({ namespace, pod, labels }: PodRow, container: { readonly name: string; readonly image: string }) {
    this.namespaceName = namespace;
    this.podName = pod;
    this.podLabels = labels;
    this.containerName = container.name;
    this.containerImage = container.image;
  }
}

/** The `metadata` of an answer. */
@Exclude()
export class MetadataAnswer {
  @Expose()
  readonly labels: Label[];

  @Expose()
  readonly creationTimestamp: string;

  @Expose()
  readonly modificationTimestamp: string;

  @Expose()
  readonly createdBy: string;

  constructor(hook: ExecutionHookRow) {
    this.labels = hook.labels;
    this.creationTimestamp = hook.createdAt;
    this.modificationTimestamp = hook.modifiedAt;
    this.createdBy = hook.createdBy;
  }
}

/** A hook as it is answered, for the ClassSerializerInterceptor. */
@Exclude()
export class HookAnswer {
  @Expose()
  readonly type = 'application/astra-executionHook';

  @Expose()
  readonly version: string;

  @Expose()
  readonly id: string;

  @Expose()
  readonly name: string;

  @Expose()
  readonly hookType: string;

  @Expose()
  readonly matchingCriteria: { type: string; value: string }[];

  @Expose()
  readonly action: string;

  @Expose()
  readonly stage: string;

  @Expose()
  readonly hookSourceID: string;

  @Expose()
  readonly arguments: string[];

  @Expose()
  readonly appID: string;

  @Expose()
  readonly enabled: string;

  @Expose()
  readonly description: string;

  @Expose()
  @Type(() => MetadataAnswer)
  readonly metadata: MetadataAnswer;

  @Expose()
  readonly matchingImages: string[];

  @Expose()
  @Type(() => ContainerAnswer)
  readonly matchingContainers: ContainerAnswer[];

  constructor(hook: ExecutionHookRow, containers: ContainerAnswer[]) {
    this.version = hook.version;
    this.id = hook.id;
    this.name = hook.name;
    this.hookType = hook.hookType;
    this.matchingCriteria = hook.matchingCriteria;
    this.action = hook.action;
    this.stage = hook.stage;
    this.hookSourceID = hook.hookSourceId;
    this.arguments = hook.arguments;
    this.appID = hook.appId;
    this.enabled = hook.enabled;
    this.description = hook.description;
    this.metadata = new MetadataAnswer(hook);
    this.matchingImages = [...new Set(containers.map(({ containerImage }) => containerImage))].sort();
    this.matchingContainers = containers;
  }
}
