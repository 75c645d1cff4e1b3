import { defineCollector, reasonOf } from '../../../core/index.ts';
import { type Smart, smartctlJson, ToolMissing } from '../../../system/index.ts';
import { listDisks } from '../../disks/index.ts';
import { mapLimited } from '../../parallel.ts';
import type { HardwarePorts } from '../../ports.ts';
import { type Item, Items, itemsOf } from '../item.ts';
import { metalDisks } from './disk.ts';

type Fields = Parameters<typeof itemsOf>[2];

const AT_ONCE = 8;
const FAILED: Readonly<Record<string, string>> = { '': 'NEVER', past: 'In_the_past', now: 'FAILING_NOW' };

const textOf = (value: number | undefined) => (value === undefined ? null : String(value));

function ataFields({ model_name, serial_number, firmware_version, rotation_rate, ...more }: Smart): Fields {
  const attributes = (more.ata_smart_attributes?.table ?? []).map(({ id, name, value, worst, thresh, ...rest }) => ({
    [`${name}(${id})/value`]: String(value),
    [`${name}(${id})/worst`]: String(worst),
    [`${name}(${id})/thresh`]: String(thresh),
    [`${name}(${id})/when_failed`]: FAILED[rest.when_failed] ?? rest.when_failed,
    [`${name}(${id})/raw`]: rest.raw.string,
  }));
  const turns = rotation_rate === 0 ? 'Solid State Device' : `${rotation_rate} rpm`;
  return {
    device_model: model_name,
    serial_number,
    firmware_version,
    rotation_rate: rotation_rate === undefined ? null : turns,
    ...Object.assign({}, ...attributes),
  };
}

function errorFields({ scsi_error_counter_log: log }: Smart): Fields {
  const kinds = [['read', log?.read] as const, ['write', log?.write] as const, ['verify', log?.verify] as const];
  return Object.assign(
    {},
    ...kinds.map(([kind, errors]) => ({
      [`${kind}_total_corrected_errors`]: textOf(errors?.total_errors_corrected),
      [`${kind}_gigabytes_processed`]: errors?.gigabytes_processed,
      [`${kind}_total_uncorrected_errors`]: textOf(errors?.total_uncorrected_errors),
    })),
  );
}

function scsiFields(smart: Smart): Fields {
  const { temperature, power_on_time: on, scsi_start_stop_cycle_counter: cycles, smart_status: status } = smart;
  const { year_of_manufacture: year, week_of_manufacture: week } = cycles ?? {};
  const degrees = (value: number | undefined) => (value === undefined ? null : 'C');
  return {
    vendor: smart.scsi_vendor,
    product: smart.scsi_product,
    serial_number: smart.serial_number,
    health: status?.passed === undefined ? null : status.passed ? 'OK' : 'FAILED',
    current_drive_temperature: textOf(temperature?.current),
    current_drive_temperature_unit: degrees(temperature?.current),
    drive_trip_temperature: textOf(temperature?.drive_trip),
    drive_trip_temperature_unit: degrees(temperature?.drive_trip),
    manufacture_date: year === undefined ? null : `week ${week ?? '?'} of year ${year}`,
    specified_start_stop_cycle_count_over_lifetime: textOf(cycles?.specified_cycle_count_over_device_lifetime),
    start_stop_cycle_count: textOf(cycles?.accumulated_start_stop_cycles),
    specified_load_count_over_lifetime: textOf(cycles?.specified_load_unload_count_over_device_lifetime),
    load_count: textOf(cycles?.accumulated_load_unload_cycles),
    power_on_hours: on?.hours === undefined ? null : (on.hours + (on.minutes ?? 0) / 60).toFixed(2),
    ...errorFields(smart),
  };
}

function nvmeFields({ nvme_smart_health_information_log: health, temperature, ...smart }: Smart): Fields {
  const warning = health?.critical_warning;
  return {
    serial_number: smart.serial_number,
    firmware_version: smart.firmware_version,
    total_nvm_capacity: textOf(smart.nvme_total_capacity),
    critical_warning: warning === undefined ? null : `0x${warning.toString(16).padStart(2, '0')}`,
    temperature: textOf(temperature?.current),
    temperature_unit: temperature?.current === undefined ? null : 'Celsius',
    power_cycles: textOf(health?.power_cycles),
    power_on_hours: textOf(health?.power_on_hours),
    unsafe_shutdowns: textOf(health?.unsafe_shutdowns),
    media_data_integrity_errors: textOf(health?.media_errors),
    error_information_log_entries: textOf(health?.num_err_log_entries),
  };
}

/** `SMART/<field>` of one disk in the words of its kind. */
export function smartItems(kname: string, smart: Smart): readonly Item[] {
  const isNvme = smart.nvme_smart_health_information_log !== undefined;
  const isScsi = smart.scsi_vendor !== undefined;
  const fields = isNvme ? nvmeFields(smart) : isScsi ? scsiFields(smart) : ataFields(smart);
  return itemsOf('disk', kname, fields).map(([group, name, field, value]) => [group, name, `SMART/${field}`, value]);
}

/** Health of the disks, where an image has smartctl; ours has not. Apart from group `disk`: an ill disk answers late. */
export const smart = defineCollector({
  name: 'smart',
  doc: 'SMART attributes of every disk.',
  budgetMs: 60_000,
  schema: Items,
  fallback: [],
  async collect(ports: HardwarePorts, signal, note) {
    const disks = metalDisks(await listDisks(ports, signal));
    let isMissing = false;
    const all = await mapLimited(disks, AT_ONCE, async ({ path, kname }) => {
      if (isMissing) return [];
      try {
        return smartItems(kname, await ports.tools.run(smartctlJson, { dev: path }, signal));
      } catch (error) {
        signal.throwIfAborted();
        isMissing ||= ToolMissing.is(error);
        if (!isMissing) note(`${path}: ${reasonOf(error)}`);
        return [];
      }
    });
    return all.flat();
  },
});
