/**
 * The identifiers of the demo are those of the published examples and of recorded client requests, so that both work
 * as they stand when pasted into Swagger UI or curl.
 */
export const DEMO = {
  accountID: '11111111-2222-4333-8444-555555555555',
  userID: '8f84cf09-8036-51e4-b579-bd30cb07b269',
  clusterID: 'b81bdd8f-c2c7-40eb-a602-4af06d3c6e4d',
  appID: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9',
  otherAppID: '6676813f-4f6c-4487-9877-2d92cbd801fc',
  hookSourceID: '50e89023-ba84-435d-bb47-1833f4c250ff',
  hookID: '946e60cb-980b-4374-9e6e-9fe1f6780352',
} as const;
