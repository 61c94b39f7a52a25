/** The app whose inventory is meant. */
export interface AppKey {
  readonly accountId: string;
  readonly appId: string;
}
