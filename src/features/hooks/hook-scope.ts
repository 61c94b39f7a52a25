/** The one thing in which the two route families of hooks differ: the whole account, or one app of it. */
export interface HookScope {
  readonly accountId: string;
  /** The app of the path on the `k8s/v1/apps/{app_id}` routes. */
  readonly appId?: string;
}
