import { type Static, Type } from 'typebox';
import { parse } from '../../core/index.ts';
import { defineTool } from '../tool.ts';
import { smartctl } from './reports.ts';

const Text = Type.Optional(Type.String());
const Count = Type.Optional(Type.Number());

const Attribute = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  value: Type.Integer(),
  worst: Type.Integer(),
  thresh: Type.Integer(),
  /** Empty, `past` or `now`. */
  when_failed: Type.String(),
  raw: Type.Object({ string: Type.String() }),
});
const Errors = Type.Optional(
  Type.Object({
    total_errors_corrected: Count,
    gigabytes_processed: Text,
    total_uncorrected_errors: Count,
  }),
);

/** The part of smartctl's JSON that is read; ATA, SCSI and NVMe disks each have some of it. */
const Smart = Type.Object({
  model_name: Text,
  scsi_vendor: Text,
  scsi_product: Text,
  serial_number: Text,
  firmware_version: Text,
  rotation_rate: Count,
  smart_status: Type.Optional(Type.Object({ passed: Type.Optional(Type.Boolean()) })),
  temperature: Type.Optional(Type.Object({ current: Count, drive_trip: Count })),
  power_on_time: Type.Optional(Type.Object({ hours: Count, minutes: Count })),
  ata_smart_attributes: Type.Optional(Type.Object({ table: Type.Array(Attribute) })),
  scsi_start_stop_cycle_counter: Type.Optional(
    Type.Object({
      year_of_manufacture: Text,
      week_of_manufacture: Text,
      specified_cycle_count_over_device_lifetime: Count,
      accumulated_start_stop_cycles: Count,
      specified_load_unload_count_over_device_lifetime: Count,
      accumulated_load_unload_cycles: Count,
    }),
  ),
  scsi_error_counter_log: Type.Optional(Type.Object({ read: Errors, write: Errors, verify: Errors })),
  nvme_total_capacity: Count,
  nvme_smart_health_information_log: Type.Optional(
    Type.Object({
      critical_warning: Count,
      power_cycles: Count,
      power_on_hours: Count,
      unsafe_shutdowns: Count,
      media_errors: Count,
      num_err_log_entries: Count,
    }),
  ),
});
export type Smart = Static<typeof Smart>;

/** What a disk tells of its health, of smartctl 7.0 and later. */
export const smartctlJson = defineTool({
  ...smartctl,
  argv: (i: { readonly dev: string }) => ['-j', '-a', i.dev],
  parse: (out): Smart => parse(Smart, JSON.parse(out.stdout), 'smartctl'),
});
