import { createHash } from 'node:crypto';

/** The `ETag` of a resource: the hexadecimal MD5 of its stored JSON, in quotes (docs/api.md, section 3). */
export function entityTag(storedJson: string): string {
  return `"${createHash('md5').update(storedJson).digest('hex')}"`;
}
