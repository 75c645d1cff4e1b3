import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tlv } from '../../src/hardware/index.ts';
import { isDigestible } from '../../src/hardware/lldp/digestible.ts';

/** Reads elements as the hooks `local_link_connection` and `lldp_basic` do; prints for each whether one of them raised. */
const SCRIPT = `
import json, logging, sys
from unittest import mock
import ironic_inspector.conf
from ironic_inspector.common import lldp_parsers
from ironic_inspector.plugins.local_link_connection import GenericLocalLinkConnectionHook as link
logging.disable(logging.CRITICAL)
def raises(kind, value):
    try:
        link._get_local_link_patch(None, kind, value, mock.Mock(local_link_connection={}), None)
        lldp_parsers.LLDPBasicMgmtParser(None).parse_tlv(kind, bytearray.fromhex(value))
    except Exception:
        return True
    return False
json.dump([raises(kind, value) for kind, value in json.load(sys.stdin)], sys.stdout)
`;

async function raised(tlvs: readonly Tlv[]): Promise<readonly boolean[]> {
  const running = promisify(execFile)('/usr/bin/python3', ['-c', SCRIPT], { timeout: 50_000, maxBuffer: 2 ** 24 });
  running.child.stdin?.end(JSON.stringify(tlvs));
  return JSON.parse((await running).stdout);
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const octets = (maxLength: number) => fc.uint8Array({ maxLength });
const latin = fc.string({ maxLength: 12 }).map((text) => Buffer.from(text, 'latin1'));
const joined = (...parts: readonly fc.Arbitrary<Uint8Array>[]) => fc.tuple(...parts).map((all) => Buffer.concat(all));
const one = (most: number) => fc.integer({ min: 0, max: most }).map((octet) => Uint8Array.of(octet));
const values = fc.oneof(
  octets(20),
  latin,
  joined(one(9), octets(18)),
  joined(one(9), latin),
  joined(one(5), one(7), octets(17)),
);
const vlans = joined(fc.constant(Buffer.from('0080c203', 'hex')), octets(2), one(8), octets(8));
const types = fc.constantFrom(0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 127);
const elements: fc.Arbitrary<Tlv> = fc.oneof(
  fc.tuple(types, values.map(hex)),
  fc.tuple(fc.constant(127), vlans.map(hex)),
);

describe('the elements that are left out of the report', () => {
  it('are exactly those that the hooks of the servers raise on', async () => {
    const tlvs = fc.sample(elements, 6_000);
    const verdicts = await raised(tlvs);
    const wrong = tlvs.filter((tlv, at) => verdicts[at] === isDigestible(tlv));
    expect(wrong).toEqual([]);
    expect(verdicts).toHaveLength(tlvs.length);
    expect(verdicts.filter(Boolean).length).toBeGreaterThan(500);
  });
});
