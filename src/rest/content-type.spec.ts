import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { contentTypeOf, withholdContentType } from './content-type.js';

function request(contentType?: string): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  if (contentType !== undefined) message.headers['content-type'] = contentType;
  return message;
}

describe('a withheld content type', () => {
  it('is hidden from the framework and still told', () => {
    const message = request('text/plain');
    withholdContentType(message);
    expect('content-type' in message.headers).toBe(false);
    expect(contentTypeOf(message)).toBe('text/plain');
  });

  it('is that of its own request', () => {
    const one = request('text/plain');
    const other = request('application/json');
    withholdContentType(one);
    expect(contentTypeOf(other)).toBe('application/json');
  });

  it('is none where none was sent', () => {
    const message = request();
    withholdContentType(message);
    expect(contentTypeOf(message)).toBeUndefined();
  });
});
