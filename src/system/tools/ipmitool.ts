import { MiB } from '../../core/index.ts';
import { defineTool } from '../tool.ts';

/** `label : value` lines of ipmitool; a continued line has an empty label and is left out. */
function labelled(text: string): ReadonlyMap<string, string> {
  const rows = [...text.matchAll(/^([^:\n]*[^:\s])\s*:[ \t]*(.*)$/gm)];
  return new Map(rows.map((m): [string, string] => [(m[1] ?? '').trim(), (m[2] ?? '').trim()]));
}

const channel = (c: number) => String(c);

/** IPv4 and MAC settings of one channel; empty when the channel is invalid or not a LAN. */
export const ipmitoolLan = defineTool({
  bin: 'ipmitool',
  packages: { debian: 'ipmitool', redhat: 'ipmitool' },
  effect: 'reads',
  timeoutMs: 8_000,
  okExits: [0, 1],
  argv: (i: { readonly channel: number }) => ['lan', 'print', channel(i.channel)],
  parse: (out) => labelled(out.stdout),
});

/** One block of `lan6 print`: `enables` is one record, the address lists have a record per slot. */
export const ipmitoolLan6 = defineTool({
  bin: 'ipmitool',
  packages: { debian: 'ipmitool', redhat: 'ipmitool' },
  effect: 'reads',
  timeoutMs: 8_000,
  okExits: [0, 1],
  argv: (i: { readonly channel: number; readonly what: 'enables' | 'dynamic_addr' | 'static_addr' }) => [
    'lan6',
    'print',
    channel(i.channel),
    i.what,
  ],
  parse: (out): readonly ReadonlyMap<string, string>[] =>
    out.stdout
      .split(/\n(?=\S)/)
      .filter((block) => block.trim() !== '')
      .map(labelled),
});

export interface Sensor {
  readonly name: string;
  /** `33.32`, `0x00`, `disabled`, `Not Readable`. */
  readonly value: string;
  /** `degrees C`; empty when there is none. */
  readonly unit: string;
}

function sensorOf(line: string): readonly Sensor[] {
  const [name = '', reading = '', state] = line.split('|').map((cell) => cell.trim());
  if (name === '' || state === undefined) return [];
  if (line.includes('Not Readable')) return [{ name, value: 'Not Readable', unit: '' }];
  const [value = '', ...unit] = reading.split(/\s+/);
  return value === '' ? [] : [{ name, value, unit: unit.join(' ') }];
}

/** Every sensor of the BMC; a slow one takes the better part of a minute. */
export const ipmitoolSensors = defineTool({
  bin: 'ipmitool',
  packages: { debian: 'ipmitool', redhat: 'ipmitool' },
  effect: 'reads',
  timeoutMs: 60_000,
  maxOutputBytes: MiB,
  argv: () => ['-I', 'open', 'sdr'],
  parse: (out): readonly Sensor[] => out.stdout.split('\n').flatMap(sensorOf),
});
