import { describe, expect, it } from 'vitest';
import { createTokenGate, type GetTokenPolicy, parseVersion, sameToken } from '../../../src/ironic/index.ts';

const TOKEN = 'a-token-of-more-than-thirty-two-characters';
const WRONG = 'b-token-of-more-than-thirty-two-characters';

const gate = (policy: GetTokenPolicy, server: string | null, token: string | null = TOKEN) =>
  createTokenGate({ policy, token: () => token, apiVersion: () => parseVersion(server) });

describe('sameToken', () => {
  it.each([
    [TOKEN, TOKEN, true],
    [TOKEN, WRONG, false],
    [TOKEN, `${TOKEN}x`, false],
    ['', '', false],
    [null, null, false],
    [undefined, TOKEN, false],
    ['ü', 'ü', true],
  ])('%j and %j: %s', (a, b, same) => expect(sameToken(a, b)).toBe(same));
});

describe('token gate', () => {
  it.each([
    ['auto', '1.82', true],
    ['auto', '1.95', true],
    ['auto', '1.96', false],
    ['auto', '1.115', false],
    ['auto', null, true],
    ['compat', '1.115', true],
    ['strict', '1.82', false],
  ] as const)('policy %s with server %s: GET without a token passes: %s', (policy, server, open) => {
    expect(gate(policy, server).allows('GET', null)).toBe(open);
    expect(gate(policy, server).allows('HEAD', null)).toBe(open);
    expect(gate(policy, server).allows('GET', TOKEN)).toBe(true);
  });

  it('is strict for good once a GET carried the right token', () => {
    const one = gate('auto', '1.82');
    expect(one.allows('GET', WRONG)).toBe(false);
    expect(one.allows('GET', null)).toBe(true);
    expect(one.allows('POST', TOKEN)).toBe(true);
    expect(one.allows('GET', null)).toBe(true);
    expect(one.allows('GET', TOKEN)).toBe(true);
    expect(one.allows('GET', null)).toBe(false);
  });

  it('is as strict after a restart, and tells once what it has seen', () => {
    const told: string[] = [];
    const facts = { policy: 'auto', token: () => TOKEN, apiVersion: () => parseVersion('1.82') } as const;
    const first = createTokenGate({ ...facts, onSeen: () => void told.push('seen') });
    for (const token of [TOKEN, TOKEN]) first.allows('GET', token);
    expect(told).toEqual(['seen']);
    expect(createTokenGate({ ...facts, seenOnGet: true }).allows('GET', null)).toBe(false);
  });

  it.each(['auto', 'compat', 'strict'] as const)('policy %s never lets a POST pass without the token', (policy) => {
    expect(gate(policy, '1.82').allows('POST', null)).toBe(false);
    expect(gate(policy, '1.82').allows('POST', WRONG)).toBe(false);
    expect(gate(policy, '1.82').allows('POST', TOKEN)).toBe(true);
  });

  it('allows nothing while no token is known', () => {
    expect(gate('compat', '1.82', null).allows('GET', null)).toBe(false);
    expect(gate('compat', '1.82', null).allows('GET', TOKEN)).toBe(false);
  });
});
