import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTemplates } from '../../../../src/image/inject/template.ts';

const node = {
  uuid: 'u-1',
  name: null,
  maintenance: false,
  properties: { cpus: 4, 'a.b': 'dotted', inject_files: [{ content: 'c2VjcmV0' }] },
  driver_info: { ipmi_address: '10.0.0.1', ipmi_password: '******' },
  driver_internal_info: { agent_secret_token: 'tokentokentoken' },
  instance_info: { configdrive: 'H4sI', list: ['x'] },
};
const ports = [{ address: '52:54:00:00:00:01' }, { address: '52:54:00:00:00:02', extra: { vif: 'v' } }];
const fill = createTemplates({ node, ports });

describe('an address with fields', () => {
  it.each([
    ['http://s/{node[uuid]}', 'http://s/u-1'],
    ['http://s/{ports[0][address]}/{ports[1][extra][vif]}', 'http://s/52:54:00:00:00:01/v'],
    ['http://s/{node[properties][cpus]}-{node[properties][a.b]}', 'http://s/4-dotted'],
    ['http://{node[driver_info][ipmi_address]}/x', 'http://10.0.0.1/x'],
    ['{node[name]}{node[maintenance]}', 'NoneFalse'],
    ['{{node[uuid]}}', '{node[uuid]}'],
    ['{{{node[uuid]}}}', '{u-1}'],
    ['http://s/plain', 'http://s/plain'],
    ['', ''],
  ])('%s is %s', (template, text) => {
    expect(fill(template)).toEqual({ text, problems: [] });
  });

  it.each([
    ['{node[none]}', '{node[none]} does not exist'],
    ['{ports[2][address]}', '{ports[2][address]} does not exist'],
    ['{ports[-1][address]}', '{ports[-1][address]} does not exist'],
    ['{ports[length]}', '{ports[length]} does not exist'],
    ['{node[constructor]}', '{node[constructor]} does not exist'],
    ['{node[__proto__]}', '{node[__proto__]} does not exist'],
    ['{node[uuid][length]}', '{node[uuid][length]} does not exist'],
    ['{node[properties]}', '{node[properties]} is not a plain value'],
    ['{node}', '{node} is not a plain value'],
    ['{node[driver_info][ipmi_password]}', '{node[driver_info][ipmi_password]} is secret or bulky'],
    ['{node[driver_internal_info][agent_secret_token]}', 'is secret or bulky'],
    ['{node[instance_info][configdrive]}', 'is secret or bulky'],
    ['{node[properties][inject_files]}', 'is secret or bulky'],
    ['{node.uuid}', '{node.uuid} is not of the form {node[key]} or {ports[0][key]}'],
    ['{node.__class__}', 'is not of the form'],
    ['{process[env]}', 'is not of the form'],
    ['{node[uuid]!r}', 'is not of the form'],
    ['{node[uuid]:>9}', 'is not of the form'],
    ['{0}', 'is not of the form'],
    ['{}', 'is not of the form'],
    ['{node[uuid]', 'there is a single {'],
    ['node[uuid]}', 'there is a single }'],
    ['{ {node[uuid]} }', 'there is a single {'],
  ])('%s is refused', (template, problem) => {
    expect(fill(template).problems.join('; ')).toContain(problem);
  });

  it('names everything that is wrong', () => {
    expect(fill('{node[a]}{node[b]}').problems).toEqual(['{node[a]} does not exist', '{node[b]} does not exist']);
  });

  it('of any text never fails and never shows a secret', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '{',
        '}',
        '{node',
        '[uuid]',
        '[driver_info]',
        '[ipmi_password]',
        '{ports[0]',
        '[driver_internal_info]',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const { text } = fill(pieces.join(''));
        expect(text).not.toContain('tokentokentoken');
      }),
    );
  });

  it.each([null, undefined, 'x', 7, []])('of a node that is %j has no fields', (odd) => {
    expect(createTemplates({ node: odd, ports: odd })('{node[uuid]}{ports[0][address]}').problems).toHaveLength(2);
  });
});
