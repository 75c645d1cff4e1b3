import type { Files } from '../../../system/index.ts';
import { type Item, itemsOf } from '../item.ts';

const PLATFORM = '/sys/devices/platform';
/** File of the sensor -> end of the field's name. */
const READINGS: Readonly<Record<string, string>> = {
  input: 'temperature',
  max: 'max',
  crit: 'critical',
  crit_alarm: 'critical_alarm',
};

/** One sensor such as `temp2`: `Core_0/temperature` and its limits, in thousandths of a degree. */
async function sensorOf(files: Files, at: string, socket: string): Promise<readonly Item[]> {
  const label = (await files.textOrNull(`${at}_label`))?.replaceAll(' ', '_');
  if (label === undefined) return [];
  const readings = await Promise.all(
    Object.entries(READINGS).map(async ([file, field]) => [
      `${label}/${field}`,
      await files.textOrNull(`${at}_${file}`),
    ]),
  );
  return itemsOf('cpu', `physical_${socket}`, Object.fromEntries(readings));
}

/** The folder that holds the sensors: since Linux 3.15 one below. */
async function foldersOf(files: Files, device: string): Promise<readonly string[]> {
  const inner = await files.list(`${device}/hwmon`);
  return [device, ...inner.map((name) => `${device}/hwmon/${name}`)];
}

/** Temperatures of Intel's processors by socket; others tell none here. */
export async function temperatures(files: Files): Promise<readonly Item[]> {
  const devices = (await files.list(PLATFORM)).filter((name) => /^coretemp\.\d+$/.test(name));
  const all = devices.map(async (name) => {
    const socket = name.replace('coretemp.', '');
    const folders = await foldersOf(files, `${PLATFORM}/${name}`);
    const sensors = folders.map(async (folder) => {
      const labels = (await files.list(folder)).filter((file) => /^temp\d+_label$/.test(file));
      const found = labels.map((file) => sensorOf(files, `${folder}/${file.replace('_label', '')}`, socket));
      return (await Promise.all(found)).flat();
    });
    return (await Promise.all(sensors)).flat();
  });
  return (await Promise.all(all)).flat();
}
