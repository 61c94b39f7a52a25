import { DEMO } from '../rest/openapi/demo-identifiers.js';

/** The demo's apps, each with the file of `demo/` that holds its pods. */
export const DEMO_APPS = [
  { id: DEMO.appID, name: 'payroll-east', pods: 'pods-payroll-east.json' },
  { id: DEMO.otherAppID, name: 'payroll-west', pods: 'pods-payroll-west.json' },
] as const;

/** What the demo's hooks run: a script that tells its arguments apart as hook scripts do. */
export const DEMO_SCRIPT = `#!/bin/sh
# Called as: payroll.sh freeze [seconds] | thaw
case "$1" in
  freeze) echo "freezing the payroll database for \${2:-30} seconds" ;;
  thaw) echo "thawing the payroll database" ;;
  *) echo "usage: $0 freeze [seconds] | thaw" >&2; exit 64 ;;
esac
`;

/** None is called `Payroll`: that name is the published example's, which is to be pasted and answered 201. */
export const DEMO_HOOKS = [
  {
    id: DEMO.hookID,
    appId: DEMO.appID,
    name: 'payroll-freeze',
    action: 'snapshot',
    stage: 'pre',
    arguments: ['freeze', '30'],
    description: 'Freezes the production payroll masters before a snapshot',
    matchingCriteria: [
      { type: 'podLabel', value: '^env=production$' },
      { type: 'containerName', value: '^payroll-master' },
    ],
  },
  {
    id: '6659892c-c621-44e8-a0bb-8dbdf378a2dd',
    appId: DEMO.appID,
    name: 'payroll-thaw',
    action: 'snapshot',
    stage: 'post',
    arguments: ['thaw'],
    description: 'Thaws the production payroll masters after a snapshot',
    matchingCriteria: [
      { type: 'podLabel', value: '^env=production$' },
      { type: 'containerName', value: '^payroll-master' },
    ],
  },
  {
    id: '4c64792c-806b-4457-938d-8e325a37c593',
    appId: DEMO.otherAppID,
    name: 'postgresql-checkpoint',
    action: 'backup',
    stage: 'pre',
    arguments: [],
    description: 'Writes a checkpoint before a backup of the standby site',
    matchingCriteria: [{ type: 'containerImage', value: '\\bpostgresql\\b' }],
  },
] as const;
