/** What the test system said on its console. */
export interface OsBanner {
  readonly image: string;
  readonly firmware: string;
  readonly kernel: string;
  /** Device and folder of the boot loader that the firmware started. */
  readonly loader: string;
  readonly cmdline: string;
  readonly disk: string;
  readonly diskSerial: string;
  readonly machineSerial: string;
  readonly machineUuid: string;
  /** Device of the config drive, or null. */
  readonly configDrive: string | null;
  readonly hostname: string | null;
  readonly uuid: string | null;
  readonly userData: string;
}

export const BANNER_BEGIN = '---- LAB-OS BEGIN ----';
export const BANNER_END = '---- LAB-OS END ----';
const USER_DATA = 'user-data| ';

/** Reads the last whole banner in a serial log; null when there is none. */
export function readBanner(serialLog: string): OsBanner | null {
  const lines = serialLog.replaceAll('\r', '').split('\n');
  const end = lines.lastIndexOf(BANNER_END);
  const begin = lines.lastIndexOf(BANNER_BEGIN, end);
  if (begin < 0 || end < 0) return null;
  const body = lines.slice(begin + 1, end);
  const fact = (name: string): string | null => {
    const line = body.find((candidate) => candidate.startsWith(`${name}: `));
    return line === undefined ? null : line.slice(name.length + 2).trim();
  };
  const drive = fact('config-drive');
  return {
    image: fact('image') ?? '',
    firmware: fact('firmware') ?? '',
    kernel: fact('kernel') ?? '',
    loader: fact('loader') ?? '',
    cmdline: fact('cmdline') ?? '',
    disk: fact('disk') ?? '',
    diskSerial: fact('disk-serial') ?? '',
    machineSerial: fact('machine-serial') ?? '',
    machineUuid: fact('machine-uuid') ?? '',
    configDrive: drive === null || drive === 'none' ? null : drive,
    hostname: fact('hostname'),
    uuid: fact('uuid'),
    userData: body.flatMap((line) => (line.startsWith(USER_DATA) ? [line.slice(USER_DATA.length)] : [])).join('\n'),
  };
}
