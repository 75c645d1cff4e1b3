import { formatBytes, formatDuration, MiB } from '../../src/core/index.ts';
import type { BootedOs, Failure, Inventory, Report, Rescued, WrittenImage } from '../scenario/index.ts';

type Lines = readonly string[];
const row = (name: string, value: string) => `  ${name.padEnd(11)} ${value}`;
const text = (...parts: readonly (string | null)[]) => parts.filter((part) => part !== null && part !== '').join(', ');

function inventoryLines(found: Inventory): Lines {
  const disk = (d: Inventory['disks'][number]) =>
    row('disk', text(d.name, formatBytes(d.size), d.model, d.serial === null ? null : `serial ${d.serial}`));
  const nic = (n: Inventory['nics'][number]) => row('nic', text(n.name, n.mac, n.address));
  return [
    'Inventory',
    row('system', text(found.vendor, `${found.bootMode} boot`)),
    row('cpu', found.cpu),
    row('memory', formatBytes(found.memoryMiB * MiB)),
    ...(found.bmcAddress === null ? [] : [row('bmc', found.bmcAddress)]),
    ...found.disks.map(disk),
    ...found.nics.map(nic),
  ];
}

function imageLines(image: WrittenImage): Lines {
  const rate = formatBytes(Math.round((image.virtualSize / Math.max(1, image.durationMs)) * 1000));
  const proof = image.verified ? 'matches the image' : 'is NOT the one of the image';
  return [
    'Image',
    row('disk', text(image.device, image.why?.replace(`${image.device}: `, '') ?? null)),
    row('read', `${formatBytes(image.wireBytes)} of ${image.format} over HTTP`),
    row('written', `${formatBytes(image.diskBytes)} for a disk of ${formatBytes(image.virtualSize)}`),
    row('time', `${formatDuration(image.durationMs)}, ${rate}/s of disk`),
    row('digest', `${image.algorithm} ${image.digest.slice(0, 16)}... ${proof}`),
  ];
}

function osLines(os: BootedOs): Lines {
  return [
    'Deployed system',
    row('said', os.line),
    ...(os.hostname === null ? [] : [row('identity', text(`hostname ${os.hostname}`, `uuid ${os.uuid}`))]),
    ...(os.firmware === null ? [] : [row('booted', text(os.firmware, os.loader, os.disk, os.diskSerial))]),
  ];
}

function rescuedLines({ address, user, mayBecome, agentPort }: Rescued): Lines {
  return [
    'Rescued server',
    row('login', `${user}@${address} by SSH, sudo makes ${mayBecome}`),
    row('agent', agentPort),
  ];
}

function failureLines(failure: Failure, stages: Report['stages']): Lines {
  const stage = stages.findLast((s) => s.failed !== null)?.title ?? stages.at(-1)?.title ?? 'start';
  return [
    `FAILED in stage "${stage}"`,
    ...failure.reason.split('\n').map((line) => `  ${line}`),
    ...(failure.agentLog.length === 0
      ? []
      : ['  last lines of the agent, or of the console:', ...failure.agentLog.map((l) => `    ${l}`)]),
    ...(failure.screenshot === null ? [] : [row('screen', failure.screenshot)]),
  ];
}

function stageLines({ stages, totalMs }: Report): Lines {
  const width = Math.max(5, ...stages.map((stage) => stage.title.length));
  const line = (title: string, ms: number) => `  ${title.padEnd(width)} ${formatDuration(ms).padStart(8)}`;
  return ['Time', ...stages.map((stage) => line(stage.title, stage.ms)), line('total', totalMs)];
}

/** The end of a run, for people. */
export function summaryText(report: Report): string {
  const blocks: readonly Lines[] = [
    ...(report.inventory === null ? [] : [inventoryLines(report.inventory)]),
    ...(report.image === null ? [] : [imageLines(report.image)]),
    ...(report.os === null ? [] : [osLines(report.os)]),
    ...(report.rescued === null ? [] : [rescuedLines(report.rescued)]),
    stageLines(report),
    ['Logs', ...Object.entries({ ...report.logs, 'work dir': report.workDir }).map(([name, path]) => row(name, path))],
    ...(report.failure === null ? [] : [failureLines(report.failure, report.stages)]),
  ];
  const verdict = report.failure !== null ? [] : [report.os === null ? 'Done.' : 'The deployed system reported in.'];
  return `\n${[...blocks, verdict].map((block) => block.join('\n')).join('\n\n')}\n`;
}
