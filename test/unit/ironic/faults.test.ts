import { describe, expect, it } from 'vitest';
import { faultOf } from '../../../src/ironic/index.ts';

const said = (json: unknown) => faultOf({ status: 404, json, text: JSON.stringify(json) });
const inner = { faultcode: 'Client', faultstring: 'Node was not found.', debuginfo: null };

describe('API errors', () => {
  it.each([
    ['an object', { error_message: inner }],
    ['JSON in a string', { error_message: JSON.stringify(inner) }],
    ['a plain string', { error_message: 'Node was not found.' }],
    ['a title', { error_message: { title: 'Node was not found.' } }],
    ['no wrapper', inner],
    ['the inspector', { error: { message: 'Node was not found.' } }],
  ])('are read from %s', (_case, json) => expect(said(json)).toBe('404: Node was not found.'));

  it('fall back to the text, on one line and of bounded length', () => {
    const html = `<html>\n<h1>Bad gateway</h1>\n${'x'.repeat(2000)}`;
    const line = faultOf({ status: 502, json: undefined, text: html });
    expect(line).toMatch(/^502: <html> <h1>Bad gateway<\/h1> x+$/);
    expect(line.length).toBeLessThan(520);
    expect(faultOf({ status: 500, json: undefined, text: '' })).toBe('500: no text');
    expect(said({ error_message: { unknown: 1 } })).toBe('404: {"error_message":{"unknown":1}}');
  });
});
