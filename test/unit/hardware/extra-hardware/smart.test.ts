import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../src/core/index.ts';
import { smart } from '../../../../src/hardware/extra-hardware/parts/index.ts';
import { systemClock, ToolMissing, type Tools } from '../../../../src/system/index.ts';
import { asExtra } from '../../../kit/extra-hook.ts';
import { loadMachine } from '../../../kit/machine.ts';
import { type RecordedCall, recordedTools } from '../../../kit/recorded-tools.ts';

const { signal } = new AbortController();

const ATA = {
  json_format_version: [1, 0],
  model_name: 'ST4000NM0035',
  serial_number: 'ZC100001',
  firmware_version: 'TN02',
  rotation_rate: 7200,
  smart_status: { passed: true },
  ata_smart_attributes: {
    revision: 10,
    table: [
      {
        ...{ id: 5, name: 'Reallocated_Sector_Ct', value: 100, worst: 99, thresh: 10, when_failed: '' },
        ...{ flags: { value: 51, string: 'PO--CK ' }, raw: { value: 8, string: '8' } },
      },
      {
        ...{ id: 190, name: 'Airflow_Temperature_Cel', value: 64, worst: 40, thresh: 45, when_failed: 'past' },
        raw: { value: 36, string: '36 (Min/Max 34/38)' },
      },
    ],
  },
};
const SCSI = {
  scsi_vendor: 'SEAGATE',
  scsi_product: 'ST9300605SS',
  serial_number: '6XP00001',
  smart_status: { passed: true },
  temperature: { current: 36, drive_trip: 68 },
  power_on_time: { hours: 14491, minutes: 43 },
  scsi_start_stop_cycle_counter: {
    ...{ year_of_manufacture: '2012', week_of_manufacture: '10', accumulated_start_stop_cycles: 8 },
    ...{ specified_cycle_count_over_device_lifetime: 10000, accumulated_load_unload_cycles: 9 },
    specified_load_unload_count_over_device_lifetime: 300000,
  },
  scsi_error_counter_log: {
    read: { total_errors_corrected: 152, gigabytes_processed: '25920.949', total_uncorrected_errors: 0 },
  },
};
const NVME = {
  model_name: 'KCD81VUG1T60',
  serial_number: 'X3A0A00003',
  firmware_version: '1UET7104',
  nvme_total_capacity: 1_600_321_314_816,
  temperature: { current: 34 },
  nvme_smart_health_information_log: {
    ...{ critical_warning: 4, temperature: 34, power_cycles: 12, power_on_hours: 4321, unsafe_shutdowns: 3 },
    ...{ media_errors: 0, num_err_log_entries: 7 },
  },
};

/** The disks of a recorded machine, with what smartctl says of each. */
function machine(answers: Readonly<Record<string, Partial<RecordedCall>>>, missing = false) {
  const { ports, anyTools } = loadMachine('two-socket-server');
  const calls = Object.entries(answers).map(([dev, call]) => ({ argv: ['smartctl', '-j', '-a', dev], ...call }));
  const recorded = recordedTools(calls);
  const asked: string[] = [];
  const tools: Tools = {
    run: (tool, input) => {
      if (tool.bin !== 'smartctl') return anyTools.run(tool, input);
      asked.push(tool.argv(input).join(' '));
      return missing ? Promise.reject(ToolMissing('smartctl is not installed')) : recorded.run(tool, input);
    },
  };
  return { ports: { ...ports, tools, clock: systemClock, log: silentLog }, asked };
}

const said = (json: unknown): Partial<RecordedCall> => ({ out: JSON.stringify(json) });

describe('SMART of disks', () => {
  it('has the fields of the reference for each kind of disk', async () => {
    const { ports } = machine({
      '/dev/sda': { ...said(ATA), exit: 32 },
      '/dev/sdb': said(SCSI),
      '/dev/nvme0n1': said(NVME),
    });
    const { value, problems } = await smart.run(ports, signal);
    expect(problems).toEqual([]);
    expect(asExtra(value)).toEqual({
      disk: {
        sda: {
          'SMART/device_model': 'ST4000NM0035',
          'SMART/serial_number': 'ZC100001',
          'SMART/firmware_version': 'TN02',
          'SMART/rotation_rate': '7200 rpm',
          'SMART/Reallocated_Sector_Ct(5)/value': 100,
          'SMART/Reallocated_Sector_Ct(5)/worst': 99,
          'SMART/Reallocated_Sector_Ct(5)/thresh': 10,
          'SMART/Reallocated_Sector_Ct(5)/when_failed': 'NEVER',
          'SMART/Reallocated_Sector_Ct(5)/raw': 8,
          'SMART/Airflow_Temperature_Cel(190)/value': 64,
          'SMART/Airflow_Temperature_Cel(190)/worst': 40,
          'SMART/Airflow_Temperature_Cel(190)/thresh': 45,
          'SMART/Airflow_Temperature_Cel(190)/when_failed': 'In_the_past',
          'SMART/Airflow_Temperature_Cel(190)/raw': '36 (Min/Max 34/38)',
        },
        sdb: {
          'SMART/vendor': 'SEAGATE',
          'SMART/product': 'ST9300605SS',
          'SMART/serial_number': '6XP00001',
          'SMART/health': 'OK',
          'SMART/current_drive_temperature': 36,
          'SMART/current_drive_temperature_unit': 'C',
          'SMART/drive_trip_temperature': 68,
          'SMART/drive_trip_temperature_unit': 'C',
          'SMART/manufacture_date': 'week 10 of year 2012',
          'SMART/specified_start_stop_cycle_count_over_lifetime': 10000,
          'SMART/start_stop_cycle_count': 8,
          'SMART/specified_load_count_over_lifetime': 300000,
          'SMART/load_count': 9,
          'SMART/power_on_hours': '14491.72',
          'SMART/read_total_corrected_errors': 152,
          'SMART/read_gigabytes_processed': '25920.949',
          'SMART/read_total_uncorrected_errors': 0,
        },
        nvme0n1: {
          'SMART/serial_number': 'X3A0A00003',
          'SMART/firmware_version': '1UET7104',
          'SMART/total_nvm_capacity': 1_600_321_314_816,
          'SMART/critical_warning': '0x04',
          'SMART/temperature': 34,
          'SMART/temperature_unit': 'Celsius',
          'SMART/power_cycles': 12,
          'SMART/power_on_hours': 4321,
          'SMART/unsafe_shutdowns': 3,
          'SMART/media_data_integrity_errors': 0,
          'SMART/error_information_log_entries': 7,
        },
      },
    });
  });

  it('leaves out a disk that tells nothing, and says so', async () => {
    const { ports } = machine({
      '/dev/sda': { out: 'no JSON' },
      '/dev/sdb': said({ model_name: 'EX', rotation_rate: 0 }),
      '/dev/nvme0n1': { exit: 2, err: 'open failed' },
    });
    const { value, problems } = await smart.run(ports, signal);
    expect(asExtra(value)).toEqual({
      disk: { sdb: { 'SMART/device_model': 'EX', 'SMART/rotation_rate': 'Solid State Device' } },
    });
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual(['/dev/nvme0n1', '/dev/sda']);
  });

  it('is silent where there is no smartctl', async () => {
    const { ports, asked } = machine({}, true);
    expect(await smart.run(ports, signal)).toEqual({ value: [], problems: [] });
    expect(asked.length).toBeLessThanOrEqual(3);
  });
});
