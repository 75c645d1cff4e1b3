import { formatBytes, formatDuration, type Progress } from '../../core/index.ts';
import type { HubSnapshot, RunningCommand } from '../../runtime/index.ts';

const BAR_WIDTH = 20;
const MAX_LINE = 120;
const LABEL_WIDTH = 10;
const MOST_LINES = 5;

/** `2026-11-20 12:31:02`, UTC: machines in a data centre rarely agree on anything else. */
const stamp = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
const timeOfDay = (ms: number): string => stamp(ms).slice(11);

const amount = (value: number, unit: Progress['unit']): string =>
  unit === 'bytes' ? formatBytes(value) : String(value);

function bar(done: number, total: number): string {
  const share = total <= 0 ? 1 : Math.min(1, Math.max(0, done / total));
  const filled = Math.round(share * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${Math.floor(share * 100)}%`;
}

/** `write [####......] 41% 1.2 GiB of 3.0 GiB, 210.0 MiB/s, 8.8s left on /dev/sda` */
export function progressText({ phase, done, total, unit, rate, on }: Progress): string {
  const left = total !== null && rate !== undefined && rate > 0 ? Math.max(0, total - done) / rate : null;
  const how =
    total === null ? amount(done, unit) : `${bar(done, total)} ${amount(done, unit)} of ${amount(total, unit)}`;
  const speed = rate === undefined ? '' : `, ${unit === 'bytes' ? formatBytes(Math.round(rate)) : rate.toFixed(1)}/s`;
  const time = left === null ? '' : `, ${formatDuration(left * 1000)} left`;
  return `${phase} ${how}${speed}${time}${on === undefined ? '' : ` on ${on}`}`;
}

const commandLines = (command: RunningCommand | null): readonly string[] => {
  if (command === null) return [];
  const line = `command   ${command.name} since ${timeOfDay(command.since)}`;
  return command.progress === null ? [line] : [line, `progress  ${progressText(command.progress)}`];
};

/** A verdict is longer than a line, and its end is what helps: it is broken at blanks. */
function wrapped(text: string): readonly string[] {
  const room = MAX_LINE - LABEL_WIDTH;
  const lines: string[] = [];
  let rest = text;
  while (rest.length > room && lines.length < MOST_LINES - 1) {
    const blank = rest.lastIndexOf(' ', room);
    const at = blank > 0 ? blank : room;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest].map((line, at) => `${(at === 0 ? 'problem' : '').padEnd(LABEL_WIDTH)}${line}`);
}

/** One short line per fact, each useful alone: a serial console may show only the last few. */
export function renderScreen(now: HubSnapshot): readonly string[] {
  const waits = now.waitsFor === null ? '' : `, waits for ${now.waitsFor}`;
  const lines = [
    `ironic-node-agent ${now.version}, started ${stamp(now.startedAt)} UTC`,
    ...(now.nodeUuid === null ? [] : [`node      ${now.nodeUuid}`]),
    ...(now.addresses.length === 0 ? [] : [`address   ${now.addresses.join(' ')}`]),
    `state     ${now.state} since ${timeOfDay(now.since)}${waits}`,
    ...commandLines(now.command),
    ...(now.diagnosis === null ? [] : wrapped(now.diagnosis.verdict)),
    ...(now.lastError === null ? [] : [`error     ${now.lastError}`]),
  ];
  return lines.map((line) => printable(line).slice(0, MAX_LINE));
}

/** Texts from outside must not steer the terminal. */
const printable = (line: string): string => line.replace(/\p{Cc}+/gu, ' ');
