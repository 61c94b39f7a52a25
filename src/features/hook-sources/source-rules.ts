import { isUtf8 } from 'node:buffer';
import type { InvalidField } from '../../problems/problem.js';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const NUL = 0x00;
const CARRIAGE_RETURN = 0x0d;

/** The rules of a script beyond its shape (docs/api.md, section 10), each broken one as a field of its own. */
export function brokenSourceRules(source: string): InvalidField[] {
  if (!BASE64.test(source)) return [{ name: 'source', reason: 'must be base64 (RFC 4648, section 4, with padding)' }];
  const script = Buffer.from(source, 'base64');
  const broken: InvalidField[] = [];
  if (!isUtf8(script)) broken.push({ name: 'source', reason: 'must decode to valid UTF-8' });
  if (script.includes(NUL)) broken.push({ name: 'source', reason: 'must decode to a text without NUL bytes' });
  if (script.includes(CARRIAGE_RETURN)) {
    broken.push({ name: 'source', reason: 'must decode to a text without carriage returns (use \\n line ends)' });
  }
  return broken;
}
